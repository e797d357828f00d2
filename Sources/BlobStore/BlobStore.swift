package import Bytes
package import UV

/// A place for blobs: byte strings that are named by the SHA-256 of their content and never change.
///
/// The contract, which `Tests/BlobStoreTests/ContractTests.swift` holds every store to:
/// - A completion runs exactly once, on the loop that was passed, never before the call returned.
/// - After `put` completed with success, its blobs survive a crash or a power cut, and can be
///   opened.
/// - A put that fails leaves nothing visible that was not there before.
/// - What is read are the bytes that were put, or an error; never other bytes knowingly.
///
/// Nothing here needs a local disk: a store on an object service can keep the same promises.
package protocol BlobStore: Sendable {
    /// Begins a blob; costs nothing until its first append.
    func makeIncoming() -> IncomingBlob

    /// Runs work with incoming blobs where it may block, then a completion on the loop.
    ///
    /// Such work has a queue of its own: nothing that reads waits for it.
    ///
    /// - Parameters:
    ///   - loop: where to complete.
    ///   - work: appends to blobs, seals or discards them; on any thread, beside other work.
    ///   - completion: gets what `work` returned.
    func receive<Result: Sendable>(
        on loop: Loop,
        _ work: @escaping @Sendable () -> Result,
        completion: @escaping (Result) -> Void
    )

    /// Makes sealed blobs durable under their content's names, all or none.
    ///
    /// The blobs are the store's from the call on; after a failure nothing of them is left. On
    /// success they are claimed by the receipt, which the caller passes to `confirm` or `revoke`.
    ///
    /// - Parameters:
    ///   - blobs: blobs that this store made and that are sealed; equal content may come twice.
    ///   - loop: where to complete.
    ///   - completion: gets the receipt, or `noSpace`, `io` and what else the system said.
    func put(
        _ blobs: [IncomingBlob],
        on loop: Loop,
        completion: @escaping (Result<PutReceipt, BlobStoreError>) -> Void
    )

    /// Ends a claim: the blobs are in the catalog. From any thread, returns at once.
    func confirm(_ receipt: PutReceipt)

    /// Ends a claim: the blobs are not in the catalog. From any thread, returns at once.
    ///
    /// Those that this put brought, that nobody confirmed and nobody else claims are removed, in
    /// the background.
    func revoke(_ receipt: PutReceipt)

    /// Opens a blob and reads its first bytes in the same trip to the pool.
    ///
    /// - Parameters:
    ///   - id: the blob.
    ///   - prefetch: the bytes wanted first; cut to the blob's size and to
    ///     `BlobStoreLimits.prefetchBytes`, and to none when there is no memory for them.
    ///   - loop: where to complete, and where the open blob lives.
    ///   - completion: gets the open blob, or `notFound`, `corrupted`, `tooManyOpenFiles`, `io`.
    func open(
        _ id: BlobID,
        prefetch: Range<UInt64>,
        on loop: Loop,
        completion: @escaping (Result<any OpenBlob, BlobStoreError>) -> Void
    )

    /// Tells about a blob.
    func stat(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<BlobStatus, BlobStoreError>) -> Void
    )

    /// Tells whether a blob is there with all its bytes, by reading them; `false` when it is
    /// missing or damaged.
    func isWhole(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<Bool, BlobStoreError>) -> Void
    )

    /// Removes a blob, durably; those who have it open can read on.
    ///
    /// Fails with `inUse` while a put claims it: that upload was, or will be, told that it is safe.
    func remove(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    )

    /// Lists all blobs that are there all the time while it runs, each once, in pages.
    ///
    /// - Parameters:
    ///   - loop: where to call back.
    ///   - each: gets the pages, ids in ascending order within and between them; returns whether
    ///     to go on. Without it a listing of a large store could hold up whoever wants to end.
    ///   - completion: called after the last page, with success also when `each` ended it.
    func list(
        on loop: Loop,
        each: @escaping ([BlobID]) -> Bool,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    )

    /// Tries whether uploads can be written at this moment.
    func probeWritable(
        on loop: Loop,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    )

    /// Finishes what was asked of the store and ends its threads; blocks. Harmless twice.
    func close()
}

/// What a store tells about a blob.
package struct BlobStatus: Hashable, Sendable {
    /// Size in bytes.
    package var sizeBytes: UInt64
    /// When its content was written, in seconds since 1970.
    package var modifiedSeconds: Int64

    /// Describes a blob.
    ///
    /// - Parameters:
    ///   - sizeBytes: size in bytes.
    ///   - modifiedSeconds: when its content was written, in seconds since 1970.
    package init(sizeBytes: UInt64, modifiedSeconds: Int64) {
        self.sizeBytes = sizeBytes
        self.modifiedSeconds = modifiedSeconds
    }
}

/// A blob that is open for reading; lives on one loop.
///
/// What it needs is given back by `close`, or when it is released, after the reads under way.
package protocol OpenBlob: AnyObject {
    /// Size in bytes.
    var sizeBytes: UInt64 { get }

    /// The bytes that were read when it was opened, from index 0 on.
    var prefetched: Buffer { get }

    /// How many bytes of `prefetched` are filled.
    var prefetchedCount: Int { get }

    /// Reads bytes.
    ///
    /// - Parameters:
    ///   - range: within `0..<sizeBytes`, no longer than the buffer.
    ///   - buffer: filled from index 0 on; the store's until the completion.
    ///   - loop: the loop that the blob lives on.
    ///   - completion: gets the number of bytes, that of the range; or `corrupted` when the blob
    ///     has become shorter than it was, `io`.
    func read(
        _ range: Range<UInt64>,
        into buffer: Buffer,
        on loop: Loop,
        completion: @escaping (Result<Int, BlobStoreError>) -> Void
    )

    /// Ends reading; reads under way complete. Harmless twice; no read after it.
    func close()
}
