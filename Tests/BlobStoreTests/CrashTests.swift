import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// The process is killed, or the power fails, at every single operation of the disk.
@Suite struct CrashTests {
    /// What was promised before the end.
    private struct Promises {
        /// What the catalog has.
        var known: [BlobID: [UInt8]] = [:]
        /// Held until the recovery is checked, so that its release removes nothing before.
        var unfinished: IncomingBlob?
    }

    private static let contents = (0..<5).map { bytes(200 * $0 + 7, seed: UInt64(90 + $0)) }

    /// Confirms one put, revokes one that shares a blob with it, leaves one known and one unknown
    /// put open, and one upload unfinished.
    private func run(_ driver: TestDisk.Driver) -> Promises {
        let contents = Self.contents
        var promises = Promises()
        if let receipt = put([contents[0], contents[1]], driver, &promises) {
            driver.files.confirm(receipt)
        }
        if let receipt = put([contents[1], contents[2]], driver) { driver.files.revoke(receipt) }
        _ = put([contents[3], contents[0]], driver, &promises)
        _ = put([contents[4], contents[2]], driver)
        let unfinished = driver.files.makeIncoming()
        // That it fails at some point is what the test is about.
        let content = contents[1]
        try? unfinished.append(content.span)
        promises.unfinished = unfinished
        return promises
    }

    private func put(_ contents: [[UInt8]], _ driver: TestDisk.Driver) -> PutReceipt? {
        // As above.
        try? driver.calls.put(contents: contents)
    }

    private func put(
        _ contents: [[UInt8]],
        _ driver: TestDisk.Driver,
        _ promises: inout Promises
    ) -> PutReceipt? {
        guard let receipt = put(contents, driver) else { return nil }
        for (id, content) in zip(receipt.ids, contents) { promises.known[id] = content }
        return receipt
    }

    private func operationCount(from origin: TestDisk) throws -> Int {
        let disk = TestDisk(copying: origin)
        return try disk.withStore { driver in
            disk.fileSystem.fail(nil)
            _ = run(driver)
            try driver.calls.settle()
            return disk.fileSystem.askedCount
        }
    }

    @Test(
        arguments: [.everything, .nothing, .some(seed: 1), .some(seed: 2), .some(seed: 3)]
            as [MemoryFileSystem.Survival]
    )
    func `whenever it ends, what was promised is there and whole`(
        _ survival: MemoryFileSystem.Survival
    ) throws {
        let origin = try TestDisk()
        let count = try operationCount(from: origin)
        #expect(count > 40)
        for number in 0...count {
            let disk = TestDisk(copying: origin)
            let promises = try disk.withStore { driver in
                disk.fileSystem.fail(.from(number))
                return run(driver)
            }
            disk.fileSystem.crash(survival)
            try expectRecovered(disk, promises, survival, "at operation \(number)")
            withExtendedLifetime(promises) {}
        }
    }

    @Test func `recovery itself may be ended at every operation`() throws {
        let origin = try TestDisk()
        let promises = try origin.withStore { driver in
            defer { origin.fileSystem.fail(.from(0)) }
            return run(driver)
        }
        origin.fileSystem.crash(.everything)
        #expect(try origin.incoming().count > 3)
        for number in 0... {
            let disk = TestDisk(copying: origin)
            let isDone = try disk.withStore { driver in
                disk.fileSystem.fail(.from(number))
                let failed = code { try driver.files.recover { promises.known[$0] != nil } }
                return failed == nil
            }
            disk.fileSystem.crash(.some(seed: UInt64(number)))
            try expectRecovered(disk, promises, .everything, "recovery, operation \(number)")
            if isDone { break }
        }
    }

    @Test func `opening a store may be ended at every operation`() throws {
        // Each of the 258 directories costs the same two calls, so every seventh operation will do.
        let origin = MemoryFileSystem()
        try origin.makeDirectory("/data", permissions: 0o700)
        var number = 0
        while true {
            let fileSystem = origin.copy()
            fileSystem.fail(.from(number))
            let failed = code {
                try FileBlobStore(dataDirectory: "/data", fileSystem: fileSystem) { _ in }
            }
            #expect(fileSystem.openFileCount == 0)
            fileSystem.crash(.some(seed: UInt64(number)))
            let store = try FileBlobStore(dataDirectory: "/data", fileSystem: fileSystem) { _ in }
            #expect(try fileSystem.list("/data/blobs").count == BlobLayout.fanOut)
            store.close()
            if failed == nil { break }
            number += 7
        }
        #expect(number > 200)
    }

    private func expectRecovered(
        _ disk: TestDisk,
        _ promises: Promises,
        _ survival: MemoryFileSystem.Survival,
        _ comment: Comment
    ) throws {
        try disk.withStore { driver in
            _ = try driver.files.recover { promises.known[$0] != nil }
            for (id, content) in promises.known {
                #expect(disk.content(id) == content, comment)
            }
        }
        let found = try disk.blobs()
        #expect(!found.values.contains(false), comment)
        #expect(try disk.incoming().isEmpty, comment)
        #expect(disk.fileSystem.openFileCount == 0, comment)
        // Only a power cut may leave a blob that nobody knows: see BlobFiles.md.
        if case .everything = survival {
            #expect(found.keys.sorted() == promises.known.keys.sorted(), comment)
        }
    }
}
