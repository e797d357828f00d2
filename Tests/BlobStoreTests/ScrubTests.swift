import BlobStore
import Bytes
import TestSupport
import Testing
import UV

@Suite struct ScrubTests {
    private let disk: TestDisk
    private let ids: [BlobID]

    init() throws {
        disk = try TestDisk()
        ids = try disk.withStore { driver in
            let receipt = try driver.calls.put(
                bytes(100, seed: 110),
                bytes(BlobStoreLimits.hashPieceBytes + 1, seed: 111),
                []
            )
            driver.files.confirm(receipt)
            return receipt.ids
        }
    }

    @Test func `a whole store is clean`() throws {
        let (summary, findings) = try scrub(knowing: ids)
        #expect(summary.isClean)
        #expect(findings.isEmpty)
        #expect(summary.readCount == 3)
        #expect(summary.readBytes == UInt64(101 + BlobStoreLimits.hashPieceBytes))
    }

    @Test func `a missing blob is found`() throws {
        let missing = BlobID(digest: bytes(32, seed: 112).span)
        let (summary, findings) = try scrub(knowing: ids + [missing])
        #expect(findings == ["missing \(missing)"])
        #expect(summary.missingCount == 1)
        #expect(!summary.isClean)
    }

    @Test func `a blob whose directory is gone is missing`() throws {
        let missing = BlobID(digest: [UInt8](repeating: 0, count: 32).span)
        try disk.fileSystem.removeDirectory(disk.layout.directory(0))
        #expect(try scrub(knowing: ids + [missing]).findings == ["missing \(missing)"])
    }

    @Test func `one changed byte is found`() throws {
        var changed = bytes(100, seed: 110)
        changed[50] ^= 1
        let path = disk.layout.path(of: ids[0])
        try disk.fileSystem.plant(changed, at: path)
        let (summary, findings) = try scrub(knowing: ids)
        #expect(findings == ["damaged \(ids[0]): other content"])
        #expect(summary.damagedCount == 1)
    }

    @Test func `what is no file is damaged`() throws {
        let path = disk.layout.path(of: ids[0])
        try disk.fileSystem.remove(path)
        try disk.fileSystem.plantSymbolicLink(at: path)
        #expect(try scrub(knowing: ids).findings == ["damaged \(ids[0]): no file"])
    }

    @Test func `what cannot be read is damaged, and the walk goes on`() throws {
        disk.fileSystem.fail(.kinds([.read]), with: .io)
        let (summary, findings) = try scrub(knowing: ids)
        #expect(findings == ids.sorted().map { "damaged \($0): unreadable" })
        #expect(summary.damagedCount == 3)
        #expect(summary.readCount == 0)
    }

    @Test func `untracked blobs are found, and read as well`() throws {
        try disk.fileSystem.plant([1], at: disk.layout.path(of: ids[1]))
        let findings = try scrub(knowing: [ids[2]]).findings
        #expect(Set(findings) == ["untracked \(ids[0])", "untracked \(ids[1]): other content"])
    }

    @Test func `names that the store does not make are found`() throws {
        let paths = ["/data/blobs/notes.txt", "/data/blobs/AB", "/data/blobs/00/" + ids[0].hex]
        for path in paths { try disk.fileSystem.plant([], at: path) }
        let (summary, findings) = try scrub(knowing: ids)
        #expect(Set(findings) == Set(paths.map { "foreign \($0)" }))
        #expect(summary.foreignCount == 3)
    }

    @Test func `a directory that cannot be listed is an error`() throws {
        disk.fileSystem.fail(.kinds([.list]), with: .io)
        #expect(code { try scrub(knowing: ids) } == .io)
    }

    @Test func `progress is told after each blob, and known ids are asked in order`() throws {
        var asked: [UInt8] = []
        var counts: [Int] = []
        let scrub = Scrub(dataDirectory: "/data", fileSystem: disk.fileSystem)
        _ = try scrub.run { firstByte in
            asked.append(firstByte)
            return []
        } found: { _ in
        } progress: { summary in
            counts.append(summary.readCount)
        }
        #expect(asked == Array(UInt8.min...UInt8.max))
        #expect(counts == [1, 2, 3])
    }

    private func scrub(
        knowing known: [BlobID]
    ) throws -> (summary: Scrub.Summary, findings: [String]) {
        let scrub = Scrub(dataDirectory: "/data", fileSystem: disk.fileSystem)
        var findings: [String] = []
        let summary = try scrub.run { firstByte in
            known.filter { $0.bytes[0] == firstByte }
        } found: { finding in
            findings.append(Self.describe(finding))
        } progress: { _ in
        }
        return (summary, findings)
    }

    private static func describe(_ finding: Scrub.Finding) -> String {
        switch finding {
        case .missing(let id): "missing \(id)"
        case .damaged(let id, let damage): "damaged \(id): \(describe(damage))"
        case .untracked(let id, nil): "untracked \(id)"
        case .untracked(let id, let damage?): "untracked \(id): \(describe(damage))"
        case .foreign(let path): "foreign \(path)"
        }
    }

    private static func describe(_ damage: Scrub.Damage) -> String {
        switch damage {
        case .otherContent: "other content"
        case .notAFile: "no file"
        case .unreadable: "unreadable"
        }
    }
}
