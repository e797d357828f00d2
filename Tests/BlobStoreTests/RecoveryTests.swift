import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// Each row of the crash table in BlobFiles.md, made by hand.
@Suite struct RecoveryTests {
    private let content = bytes(900, seed: 100)
    private let disk: TestDisk
    private let id: BlobID

    init() throws {
        disk = try TestDisk()
        let content = content
        id = try disk.withStore { driver in
            let blob = try driver.calls.sealed(content)
            defer { blob.discard() }
            return try blob.seal()
        }
    }

    @Test func `an upload with one name is removed`() throws {
        try plantUpload(linkedTo: nil)
        let report = try recover(knowing: [id])
        #expect(report.removedUploads == 1)
        #expect(try disk.incoming().isEmpty)
    }

    @Test func `a blob that the catalog knows is kept`() throws {
        try plantUpload(linkedTo: id)
        let report = try recover(knowing: [id])
        #expect(report.keptBlobs == 1)
        #expect(try disk.incoming().isEmpty)
        #expect(disk.content(id) == content)
    }

    @Test func `a blob that the catalog does not know is removed`() throws {
        try plantUpload(linkedTo: id)
        let report = try recover(knowing: [])
        #expect(report.removedBlobs == 1)
        #expect(try disk.incoming().isEmpty)
        #expect(disk.content(id) == nil)
    }

    @Test(arguments: [[1, 2], [UInt8](repeating: 7, count: 900)])
    func `a replacement that was cut short is completed when the catalog knows it`(
        damaged: [UInt8]
    ) throws {
        try disk.fileSystem.plant(damaged, at: disk.layout.path(of: id))
        try plantReplacement()
        let report = try recover(knowing: [id])
        #expect(report.restoredBlobs == 1)
        #expect(report.keptBlobs == 1)
        #expect(try disk.incoming().isEmpty)
        #expect(disk.content(id) == content)
    }

    @Test func `a replacement that another upload has completed is dropped`() throws {
        try disk.fileSystem.plant(content, at: disk.layout.path(of: id))
        try plantReplacement()
        let report = try recover(knowing: [id])
        #expect(report.restoredBlobs == 0)
        #expect(report.keptBlobs == 1)
        #expect(report.removedUploads == 1)
        #expect(try disk.incoming().isEmpty)
        #expect(disk.content(id) == content)
    }

    @Test func `a replacement of an unknown blob is dropped, and what was there left`() throws {
        try disk.fileSystem.plant([1, 2], at: disk.layout.path(of: id))
        try plantReplacement()
        let report = try recover(knowing: [])
        #expect(report.removedUploads == 2)
        #expect(try disk.incoming().isEmpty)
        #expect(disk.content(id) == [1, 2])
    }

    /// Somebody copied it there, and it is in the cache only.
    @Test func `what a put has promised is durable, also where the file was there before`() throws {
        let disk = TestDisk(copying: disk)
        let files = disk.fileSystem
        let path = disk.layout.path(of: id)
        let file = try files.open(path, [.write, .create], permissions: 0o600)
        try files.write(file, content.span, at: 0)
        files.close(file)
        try disk.withStore { driver in driver.files.confirm(try driver.calls.put(content)) }
        #expect(files.openFileCount == 0)
        files.crash(.nothing)
        #expect(disk.content(id) == content)
    }

    @Test func `a put that finds a file promises its own, also after a flush has failed`() throws {
        let disk = TestDisk(copying: disk)
        let files = disk.fileSystem
        try files.plant(content, at: disk.layout.path(of: id))
        try disk.withStore { driver in
            let blob = try driver.calls.sealed(content)
            files.fail(.kinds([.synchronizeData]))
            let result: Result<PutReceipt, BlobStoreError> = driver.calls.wait {
                driver.files.put([blob], on: driver.calls.loop, completion: $0)
            }
            files.fail(nil)
            #expect(throws: BlobStoreError.self) { try result.get() }
            // A file whose flush has failed once would be taken for flushed now.
            driver.files.confirm(try driver.calls.put(content))
        }
        #expect(files.openFileCount == 0)
        files.crash(.nothing)
        #expect(try disk.incoming().isEmpty)
        #expect(disk.content(id) == content)
    }

    @Test func `other names are left alone and reported`() throws {
        let link = "/data/incoming/" + IncomingName().text
        try disk.fileSystem.plantSymbolicLink(at: link)
        try disk.fileSystem.plant([1], at: "/data/incoming/notes.txt")
        let directory = "/data/incoming/" + IncomingName().text
        try disk.fileSystem.makeDirectory(directory, permissions: 0o700)
        let report = try recover(knowing: [])
        #expect(report.leftAloneCount == 3)
        #expect(report.leftAlone.first == "notes.txt: not a name that the store makes")
        #expect(report.leftAlone.dropFirst().allSatisfy { $0.hasSuffix("not a regular file") })
        #expect(try disk.incoming().count == 3)
    }

    @Test(arguments: [0, 1])
    func `a report lists so many names and counts the rest`(_ excess: Int) throws {
        let count = BlobStoreLimits.reportedNames + excess
        for i in 0..<count { try disk.fileSystem.plant([], at: "/data/incoming/file \(i)") }
        let report = try recover(knowing: [])
        #expect(report.leftAloneCount == count)
        #expect(report.leftAlone.count == BlobStoreLimits.reportedNames)
    }

    @Test func `an upload that cannot be read is left alone, and the start goes on`() throws {
        try plantUpload(linkedTo: id)
        let report = try disk.withStore { driver in
            disk.fileSystem.fail(.kinds([.read]))
            defer { disk.fileSystem.fail(nil) }
            return try driver.files.recover { _ in false }
        }
        #expect(report.leftAloneCount == 1)
        #expect(disk.content(id) == content)
    }

    @Test(arguments: [0, 1])
    func `a file is hashed in pieces`(_ excess: Int) throws {
        let long = bytes(BlobStoreLimits.hashPieceBytes + excess, seed: 101)
        let id = try disk.withStore { try $0.calls.put(long).ids[0] }
        #expect(try recover(knowing: [id]).keptBlobs == 1)
    }

    private func plantUpload(linkedTo id: BlobID?) throws {
        let path = disk.layout.path(of: IncomingName())
        try disk.fileSystem.plant(content, at: path)
        if let id { try disk.fileSystem.link(path, to: disk.layout.path(of: id)) }
    }

    private func plantReplacement() throws {
        let first = disk.layout.path(of: IncomingName())
        try disk.fileSystem.plant(content, at: first)
        try disk.fileSystem.link(first, to: disk.layout.path(of: IncomingName()))
    }

    private func recover(knowing known: Set<BlobID>) throws -> RecoveryReport {
        try disk.withStore { driver in try driver.files.recover(isKnown: known.contains) }
    }
}
