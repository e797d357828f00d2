internal import BlobStore
internal import UV

/// A kind of blob store that the contract tests run over; one more is one more line in `all`.
package struct StoreUnderTest: Sendable, CustomStringConvertible {
    /// What failing tests call it.
    package let description: String

    private let run: @Sendable (_ body: (any BlobStore) throws -> Void) throws -> Void

    /// Every kind of store there is.
    package static let all = [memory, disk, memoryDisk]

    /// Room for what the tests put, in bytes.
    package static let capacityBytes = 16 << 20

    /// The time that stores with a clock of their own see, in seconds since 1970.
    package static let nowSeconds: Int64 = 1_715_000_000

    /// Blobs in memory.
    package static let memory = StoreUnderTest(description: "memory") { body in
        let store = MemoryBlobStore(capacityBytes: capacityBytes) { nowSeconds }
        try body(store)
        store.close()
    }

    /// Blobs in files of this machine's disk.
    package static let disk = StoreUnderTest(description: "disk") { body in
        try TemporaryDirectory.with { path in
            try runFileStore(in: path, on: SystemFileSystem(), body)
        }
    }

    /// Blobs in files of a disk in memory.
    package static let memoryDisk = StoreUnderTest(description: "disk in memory") { body in
        let fileSystem = MemoryFileSystem()
        try fileSystem.makeDirectory("/data", permissions: 0o700)
        fileSystem.setTime(nowSeconds)
        try runFileStore(in: "/data", on: fileSystem, body)
        precondition(fileSystem.openFileCount == 0, "the store has leaked a descriptor")
    }

    private static func runFileStore(
        in path: String,
        on fileSystem: any FileSystem,
        _ body: (any BlobStore) throws -> Void
    ) throws {
        let store = try FileBlobStore(dataDirectory: path, fileSystem: fileSystem) { error in
            preconditionFailure("nothing fails here, but: \(error)")
        }
        defer { store.close() }
        try body(store)
    }

    /// Runs a test with a fresh, empty store and a loop.
    ///
    /// - Parameter body: the test.
    /// - Throws: what the body throws.
    package func with(_ body: (StoreDriver) throws -> Void) throws {
        let loop = try Loop()
        try run { store in try body(StoreDriver(store, on: loop)) }
    }
}
