import BlobStore
import Bytes
import TestSupport
import Testing
import UV

@Suite struct UntrackedSearchTests {
    private let disk: TestDisk
    /// Four blobs, written at second 1,000.
    private let ids: [BlobID]

    init() throws {
        disk = try TestDisk()
        disk.fileSystem.setTime(1_000)
        ids = try disk.withStore { driver in
            let receipt = try driver.calls.put(contents: (0..<4).map { bytes(10, seed: 200 + $0) })
            driver.files.confirm(receipt)
            return receipt.ids
        }
    }

    private func found(
        writtenBefore seconds: Int64 = 1_001,
        isKnown: @escaping @Sendable (BlobID) -> Bool
    ) throws -> [BlobID] {
        try disk.withStore { driver in
            let search = driver.files.untracked(writtenBefore: seconds, isKnown: isKnown)
            var found: [BlobID] = []
            while let more = try search.step() { found += more }
            return found
        }
    }

    @Test func `what nobody knows is found, in order, and left where it is`() throws {
        let known = ids[2]
        let others = try found { $0 == known }
        #expect(others == ids.filter { $0 != known }.sorted())
        let none = try found { _ in true }
        #expect(none == [])
        #expect(try disk.blobs().count == 4)
    }

    @Test func `what is as young as an upload under way may be is not looked for`() throws {
        let older = try found(writtenBefore: 1_001) { _ in false }
        #expect(older == ids.sorted())
        let young = try found(writtenBefore: 1_000) { _ in false }
        #expect(young == [])
    }

    @Test func `what becomes known while it is looked at is not found`() throws {
        let asked = Lock<Set<BlobID>>([])
        let found = try found { id in asked.withLock { !$0.insert(id).inserted } }
        #expect(found == [])
        #expect(asked.withLock { $0 } == Set(ids))
    }

    @Test func `names that the store does not make are passed over`() throws {
        let directory = disk.layout.directory(ids[0].firstByte)
        for name in ["readme.txt", ids[1].hex.uppercased(), "\(ids[1].hex).old"] {
            try disk.fileSystem.plant([1], at: "\(directory)/\(name)")
        }
        let found = try found { _ in false }
        #expect(found == ids.sorted())
    }

    @Test func `a directory that cannot be listed is told, and the next step goes on`() throws {
        try disk.withStore { driver in
            let search = driver.files.untracked(writtenBefore: 1_001) { _ in false }
            disk.fileSystem.fail(.kinds([.list]))
            #expect(throws: BlobStoreError.self) { try search.step() }
            disk.fileSystem.fail(nil)
            var stepCount = 1
            while try search.step() != nil { stepCount += 1 }
            #expect(stepCount == BlobLayout.fanOut)
        }
    }

    @Test func `a search that was stopped asks for nothing more`() throws {
        try disk.withStore { driver in
            let search = driver.files.untracked(writtenBefore: 1_001) { _ in false }
            let first = try search.step()
            #expect(first != nil)
            search.stop()
            disk.fileSystem.fail(nil)
            let second = try search.step()
            #expect(second == nil)
            #expect(disk.fileSystem.askedCount == 0)
        }
    }
}

extension BlobID {
    fileprivate var firstByte: UInt8 { UInt8(truncatingIfNeeded: words.first >> 56) }
}
