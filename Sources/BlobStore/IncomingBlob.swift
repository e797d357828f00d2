package import Bytes
internal import UV

/// One file on its way in, hashed as it flows.
///
/// ```
///            append*            seal                put
///   open ───────────▶ open ───────────▶ sealed ───────────▶ handed over (the store's)
///     │ error                              │
///     ▼              discard, deinit       │
///   failed ──────────▶ discarded ◀─────────┘
/// ```
/// In a store of files it is a temporary file of our own name in `incoming/`, made by the first
/// append. Whichever way it ends, file and descriptor are given back exactly once: by `discard`, by
/// `put`, or in the background when the object is released.
///
/// Its methods may block: they are called on workers, one at a time.
package final class IncomingBlob: Sendable {
    fileprivate enum Phase: Sendable {
        case open
        case sealed(BlobID)
        case handedOver(BlobID)
        case failed(BlobStoreError)
        case discarded
    }

    fileprivate struct State: Sendable {
        var phase = Phase.open
        var hash = ContentHash()
        var sizeBytes: UInt64 = 0
        var spool: any Spool
    }

    /// Bytes that are hashed in one go, some 40 us.
    fileprivate static let hashedBytesMax = 64 << 10

    private let state: Lock<State>

    /// Begins an empty blob; costs nothing yet.
    init(spool: any Spool) {
        state = Lock(State(spool: spool))
    }

    /// Adds bytes at the end.
    ///
    /// A failed append ends the blob and frees its space at once: what reached the disk is unknown,
    /// so nothing can be added after it.
    ///
    /// - Parameter bytes: the next bytes; written from where they are, without a copy.
    /// - Throws: `noSpace`, `tooManyOpenFiles` or `io`, the same again for each further append;
    ///   `discarded` after `discard`.
    package func append(_ bytes: Span<UInt8>) throws(BlobStoreError) {
        try state.withLock { (state) throws(BlobStoreError) in
            try state.requireOpen()
            do throws(BlobStoreError) {
                try state.spool.write(bytes, at: state.sizeBytes)
            } catch {
                state.fail(error)
                throw error
            }
            state.sizeBytes += UInt64(bytes.count)
            state.hash(bytes)
        }
    }

    /// Reads what was appended, to look at an image's header.
    ///
    /// - Parameters:
    ///   - span: filled from its start.
    ///   - offset: offset of the first byte, in bytes.
    /// - Returns: the number of bytes read; fewer than the span holds at the end of the blob only,
    ///   and 0 after `put`.
    /// - Throws: `io`; `discarded` after `discard`.
    package func read(
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(BlobStoreError) -> Int {
        try state.withLock { (state) throws(BlobStoreError) in
            switch state.phase {
            case .open, .sealed: return try state.spool.read(into: &span, at: offset)
            case .handedOver: return 0
            case .failed(let error): throw error
            case .discarded: throw State.discarded
            }
        }
    }

    /// How many bytes were appended.
    package var sizeBytes: UInt64 { state.withLock { $0.sizeBytes } }

    /// Ends the content.
    ///
    /// - Returns: the id of the content; the same again when called again.
    /// - Throws: what an append has thrown; for an empty blob, what making its file answers.
    package func seal() throws(BlobStoreError) -> BlobID {
        try state.withLock { (state) throws(BlobStoreError) in
            switch state.phase {
            case .sealed(let id), .handedOver(let id): return id
            case .open, .failed, .discarded: try state.requireOpen()
            }
            do throws(BlobStoreError) {
                try state.spool.create()
            } catch {
                state.fail(error)
                throw error
            }
            let id = state.hash.finish()
            state.phase = .sealed(id)
            return id
        }
    }

    /// Removes what was appended, before this returns.
    ///
    /// Harmless twice and after `put`.
    package func discard() {
        state.withLock { state in
            switch state.phase {
            case .handedOver, .discarded: return
            case .open, .sealed, .failed: break
            }
            state.phase = .discarded
            state.spool.discard()
        }
    }

    /// Gives a sealed blob to the store that made it.
    func handOver() -> (id: BlobID, sizeBytes: UInt64, content: SpooledContent) {
        state.withLock { state in
            guard case .sealed(let id) = state.phase else {
                preconditionFailure("only sealed blobs can be put, and each once")
            }
            state.phase = .handedOver(id)
            return (id, state.sizeBytes, state.spool.handOver())
        }
    }

    deinit {
        // Handed over, discarded and failed blobs have nothing left to let go.
        state.withLock { $0.spool.abandon() }
    }
}

extension IncomingBlob.State {
    fileprivate static var discarded: BlobStoreError {
        BlobStoreError(.discarded, "the incoming blob was discarded")
    }

    fileprivate func requireOpen() throws(BlobStoreError) {
        switch phase {
        case .open: return
        case .failed(let error): throw error
        case .discarded: throw Self.discarded
        case .sealed, .handedOver: preconditionFailure("a sealed blob takes no more bytes")
        }
    }

    /// Hashes bytes, and lets others have the processor now and then.
    ///
    /// So no loop waits for a whole piece; a small one is not worth changing the thread for.
    fileprivate mutating func hash(_ bytes: Span<UInt8>) {
        var rest = bytes
        while rest.count > IncomingBlob.hashedBytesMax {
            hash.update(rest.extracting(first: IncomingBlob.hashedBytesMax))
            rest = rest.extracting(droppingFirst: IncomingBlob.hashedBytesMax)
            Thread.yield()
        }
        hash.update(rest)
    }

    fileprivate mutating func fail(_ error: BlobStoreError) {
        phase = .failed(error)
        spool.discard()
    }
}
