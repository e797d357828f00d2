import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What a store of files does when it is refused memory.
@Suite struct MemoryTests {
    private static let content = bytes(10_000, seed: 40)

    /// Runs a test with a store that can be refused memory.
    private func withStore(
        _ body: (StoreDriver, FileBlobStore, LargeMemory) throws -> Void
    ) throws {
        let disk = try TestDisk()
        let memory = LargeMemory()
        let store = try FileBlobStore(
            dataDirectory: disk.layout.dataDirectory,
            fileSystem: disk.fileSystem,
            memory: memory
        ) { _ in }
        defer { store.close() }
        try body(StoreDriver(store, on: Loop()), store, memory)
    }

    private func isWhole(
        _ id: BlobID,
        _ driver: StoreDriver,
        _ store: FileBlobStore
    ) throws -> Bool {
        try driver.wait { store.isWhole(id, on: driver.loop, completion: $0) }.get()
    }

    @Test func `without memory to read ahead a blob is opened all the same`() throws {
        try withStore { driver, _, memory in
            let id = try driver.put(Self.content).ids[0]
            memory.refuse(from: Self.content.count)
            let blob = try driver.open(id, prefetch: 0..<10_000)
            #expect(blob.sizeBytes == 10_000)
            #expect(blob.prefetchedCount == 0)
            #expect(try driver.read(0..<10_000, of: blob) == Self.content)
            // One byte less than what is refused.
            let other = try driver.open(id, prefetch: 0..<9_999)
            #expect(other.prefetchedCount == 9_999)
        }
    }

    @Test func `without memory to hash with nobody is told that a blob is whole, or not`() throws {
        try withStore { driver, store, memory in
            let id = try driver.put(Self.content).ids[0]
            memory.refuse(from: BlobStoreLimits.hashPieceBytes)
            let error = #expect(throws: BlobStoreError.self) { try isWhole(id, driver, store) }
            #expect(error?.code == .outOfMemory)
            memory.refuse(from: .max)
            #expect(try isWhole(id, driver, store))
        }
    }

    @Test func `what is there already is put again only when it could be read`() throws {
        try withStore { driver, _, memory in
            let id = try driver.put(Self.content).ids[0]
            memory.refuse(from: BlobStoreLimits.hashPieceBytes)
            let error = #expect(throws: BlobStoreError.self) { try driver.put(Self.content) }
            #expect(error?.code == .outOfMemory)
            memory.refuse(from: .max)
            #expect(try driver.put(Self.content).ids == [id])
        }
    }

    @Test func `the start and a walk over all blobs need memory, and say so`() throws {
        try withStore { driver, store, memory in
            _ = try driver.put(Self.content)
            memory.refuse(from: BlobStoreLimits.hashPieceBytes)
            let recovering = #expect(throws: BlobStoreError.self) {
                try store.recover { _ in true }
            }
            #expect(recovering?.code == .outOfMemory)
            let scrub = Scrub(
                dataDirectory: "/data",
                fileSystem: try TestDisk().fileSystem,
                memory: memory
            )
            let walking = #expect(throws: BlobStoreError.self) {
                try scrub.run(known: { _ in [] }, found: { _ in }, progress: { _ in })
            }
            #expect(walking?.code == .outOfMemory)
        }
    }
}
