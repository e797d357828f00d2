package import Bytes
package import UV

/// Blobs in memory: for tests of the contract and of what is built on it.
///
/// Keeps every promise but the one about power cuts, the rules of claims included.
package final class MemoryBlobStore: BlobStore {
    fileprivate struct Stored: Sendable {
        var bytes: [UInt8]
        var modifiedSeconds: Int64
    }

    fileprivate struct State: Sendable {
        var blobs: [BlobID: Stored] = [:]
        var claims = Claims()
        var usedBytes = 0
        var putCount = 0
    }

    private let capacityBytes: Int
    private let now: @Sendable () -> Int64
    private let state = Lock(State())

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - capacityBytes: how many bytes all blobs together may have; a put beyond answers
    ///     `noSpace`.
    ///   - now: the present time, in seconds since 1970.
    package init(capacityBytes: Int, now: @escaping @Sendable () -> Int64) {
        self.capacityBytes = capacityBytes
        self.now = now
    }

    package func makeIncoming() -> IncomingBlob { IncomingBlob(spool: MemorySpool()) }

    package func receive<Result: Sendable>(
        on loop: Loop,
        _ work: @escaping @Sendable () -> Result,
        completion: @escaping (Result) -> Void
    ) {
        loop.work(work, completion: completion)
    }

    package func put(
        _ blobs: [IncomingBlob],
        on loop: Loop,
        completion: @escaping (Result<PutReceipt, BlobStoreError>) -> Void
    ) {
        let contents = blobs.map { blob in
            let (id, _, content) = blob.handOver()
            guard case .bytes(let bytes) = content else {
                preconditionFailure("the blob was made by another store")
            }
            return (id: id, bytes: bytes)
        }
        let result = state.withLock { state in
            state.put(contents, capacityBytes: capacityBytes, nowSeconds: now())
        }
        loop.enqueue { completion(result) }
    }

    package func confirm(_ receipt: PutReceipt) {
        guard receipt.settle() else { return }
        state.withLock { state in
            for entry in receipt.entries { _ = state.claims.confirm(entry) }
        }
    }

    package func revoke(_ receipt: PutReceipt) {
        guard receipt.settle() else { return }
        state.withLock { state in
            for entry in receipt.entries {
                guard case .remove = state.claims.release(entry) else { continue }
                state.remove(entry.id)
            }
        }
    }

    package func open(
        _ id: BlobID,
        prefetch: Range<UInt64>,
        on loop: Loop,
        completion: @escaping (Result<any OpenBlob, BlobStoreError>) -> Void
    ) {
        let stored = state.withLock { $0.blobs[id] }
        loop.enqueue {
            guard let stored else { return completion(.failure(Self.notFound(id))) }
            completion(.success(MemoryOpenBlob(stored.bytes, prefetch: prefetch)))
        }
    }

    package func stat(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<BlobStatus, BlobStoreError>) -> Void
    ) {
        let stored = state.withLock { $0.blobs[id] }
        loop.enqueue {
            guard let stored else { return completion(.failure(Self.notFound(id))) }
            completion(
                .success(
                    BlobStatus(
                        sizeBytes: UInt64(stored.bytes.count),
                        modifiedSeconds: stored.modifiedSeconds
                    )
                )
            )
        }
    }

    package func isWhole(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<Bool, BlobStoreError>) -> Void
    ) {
        // Nothing but this process touches the bytes.
        let isThere = state.withLock { $0.blobs[id] != nil }
        loop.enqueue { completion(.success(isThere)) }
    }

    package func remove(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        let result: Result<Void, BlobStoreError> = state.withLock { state in
            guard !state.claims.isHeld(id) else {
                return .failure(BlobStoreError(.inUse, "an upload under way claims \(id)"))
            }
            guard state.blobs[id] != nil else { return .failure(Self.notFound(id)) }
            return .success(state.remove(id))
        }
        loop.enqueue { completion(result) }
    }

    package func list(
        on loop: Loop,
        each: @escaping ([BlobID]) -> Bool,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        let ids = state.withLock { $0.blobs.keys.sorted() }
        loop.enqueue {
            // There is but one page, so that nothing is left to go on with.
            if !ids.isEmpty { _ = each(ids) }
            completion(.success(()))
        }
    }

    package func probeWritable(
        on loop: Loop,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        let isFull = state.withLock { $0.usedBytes >= capacityBytes }
        loop.enqueue {
            completion(isFull ? .failure(Self.full) : .success(()))
        }
    }

    package func close() {}

    fileprivate static let full = BlobStoreError(.noSpace, "the memory store is full")

    private static func notFound(_ id: BlobID) -> BlobStoreError {
        BlobStoreError(.notFound, "no blob \(id) in memory")
    }
}

extension MemoryBlobStore.State {
    fileprivate mutating func put(
        _ contents: [(id: BlobID, bytes: [UInt8])],
        capacityBytes: Int,
        nowSeconds: Int64
    ) -> Result<PutReceipt, BlobStoreError> {
        var new: [BlobID: [UInt8]] = [:]
        for (id, bytes) in contents where blobs[id] == nil { new[id] = bytes }
        let newBytes = new.values.reduce(0) { $0 + $1.count }
        guard newBytes <= capacityBytes - usedBytes else {
            return .failure(MemoryBlobStore.full)
        }
        usedBytes += newBytes
        var entries: [PutReceipt.Entry] = []
        for (id, bytes) in contents {
            putCount += 1
            let entry = PutReceipt.Entry(id: id, temporary: "put \(putCount)")
            claims.hold(entry, isMaker: blobs[id] == nil)
            if blobs[id] == nil {
                blobs[id] = MemoryBlobStore.Stored(bytes: bytes, modifiedSeconds: nowSeconds)
            }
            entries.append(entry)
        }
        return .success(PutReceipt(entries: entries))
    }

    fileprivate mutating func remove(_ id: BlobID) {
        usedBytes -= blobs.removeValue(forKey: id)?.bytes.count ?? 0
    }
}

/// An open blob of a store in memory.
private final class MemoryOpenBlob: OpenBlob {
    let prefetched: Buffer
    let prefetchedCount: Int
    private let bytes: [UInt8]

    var sizeBytes: UInt64 { UInt64(bytes.count) }

    init(_ bytes: [UInt8], prefetch wish: Range<UInt64>) {
        self.bytes = bytes
        let range = BlobStoreLimits.prefetchRange(wish, ofBlobWith: UInt64(bytes.count))
        prefetchedCount = range.count
        prefetched = Buffer(capacity: max(1, range.count))
        prefetched.copy(
            bytes.span.extracting(Int(range.lowerBound)..<Int(range.upperBound)),
            to: 0
        )
    }

    func read(
        _ range: Range<UInt64>,
        into buffer: Buffer,
        on loop: Loop,
        completion: @escaping (Result<Int, BlobStoreError>) -> Void
    ) {
        precondition(range.upperBound <= sizeBytes, "a read beyond the end of the blob")
        precondition(range.count <= buffer.capacity, "a read that does not fit its buffer")
        let part = Int(range.lowerBound)..<Int(range.upperBound)
        let source = bytes
        buffer.copy(source.span.extracting(part), to: 0)
        loop.enqueue { completion(.success(part.count)) }
    }

    func close() {}
}
