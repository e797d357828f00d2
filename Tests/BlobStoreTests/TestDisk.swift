import BlobStore
import Bytes
import TestSupport
import UV

/// A disk in memory with a store on it, for tests that look behind the contract.
struct TestDisk {
    /// The disk.
    let fileSystem: MemoryFileSystem
    /// What stands where.
    let layout = BlobLayout(dataDirectory: "/data")

    /// Makes a disk on which a store has been opened once.
    init() throws {
        fileSystem = MemoryFileSystem()
        try fileSystem.makeDirectory("/data", permissions: 0o700)
        try withStore { _ in }
    }

    init(copying other: TestDisk) { fileSystem = other.fileSystem.copy() }

    /// Runs a test with a store on this disk, which is closed afterwards.
    ///
    /// - Parameters:
    ///   - outer: what the store sees in the disk's place.
    ///   - body: the test.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws.
    func withStore<Value>(
        through outer: (any FileSystem)? = nil,
        _ body: (Driver) throws -> Value
    ) throws -> Value {
        let complaints = Complaints()
        let store = try FileBlobStore(
            dataDirectory: layout.dataDirectory,
            fileSystem: outer ?? fileSystem,
            report: complaints.add
        )
        defer { store.close() }
        return try body(
            Driver(files: store, calls: StoreDriver(store, on: Loop()), complaints: complaints)
        )
    }

    struct Driver {
        let files: FileBlobStore
        let calls: StoreDriver
        let complaints: Complaints
    }

    /// Names in `incoming/`.
    func incoming() throws -> [String] { try fileSystem.list(layout.incomingDirectory) }

    /// The bytes that stand under a blob's name.
    func content(_ id: BlobID) -> [UInt8]? { fileSystem.content(of: layout.path(of: id)) }

    /// All blobs, with whether each has the content that its name says.
    func blobs() throws -> [BlobID: Bool] {
        var found: [BlobID: Bool] = [:]
        let scrub = Scrub(dataDirectory: layout.dataDirectory, fileSystem: fileSystem)
        _ = try scrub.run(known: { _ in [] }) { finding in
            if case .untracked(let id, let damage) = finding { found[id] = damage == nil }
        } progress: { _ in
        }
        return found
    }
}

/// What a store reported without anybody waiting for it.
final class Complaints: Sendable {
    private let errors = Lock<[BlobStoreError]>([])

    var all: [BlobStoreError] { errors.withLock { $0 } }

    @Sendable func add(_ error: BlobStoreError) { errors.withLock { $0.append(error) } }
}
