internal import BlobStore
internal import Bytes
internal import ImageFormat
internal import Synchronization
internal import UV

/// The files of one upload, as workers receive them: written, hashed and looked at as they flow.
///
/// Its methods block and run on workers, one at a time; the mutex is there so that the compiler,
/// too, can see that. What a loop learns of it are the values they return.
///
/// ```
/// begin ─▶ receiving ──▶ received      recognized, sealed: has an id
///              └───────▶ refused       not an image: its bytes are dropped, its file is removed
/// ```
final class UploadFiles: Sendable {
    /// A file that is complete and an image.
    struct Received: Sendable {
        var filename: String
        var id: BlobID
        var sizeBytes: UInt64
        var description: ImageDescription
        var blob: IncomingBlob
    }

    /// A file that is no image that we keep.
    struct Refused: Sendable {
        var filename: String
        /// For the client.
        var reason: String
        /// For the metrics.
        var kind: FileRefusal
    }

    /// All that became of the files.
    struct Outcome: Sendable {
        var received: [Received] = []
        var refused: [Refused] = []
    }

    private struct State: Sendable {
        var current: UploadFile?
        var outcome = Outcome()
        var failure: BlobStoreError?
    }

    private let store: any BlobStore
    private let state = Lock(State())
    private let isAbandoned = Atomic<Bool>(false)

    /// Starts without a file.
    ///
    /// - Parameter store: where the files are going.
    init(store: any BlobStore) { self.store = store }

    /// Notes, from the loop, that the files will be discarded.
    ///
    /// Pieces that wait for a worker are not worth writing any more: at the end of the process, and
    /// after many clients have left, somebody waits behind them.
    func abandon() { isAbandoned.store(true, ordering: .relaxed) }

    /// Does the steps of a piece.
    ///
    /// - Parameter piece: what to do.
    /// - Returns: how many files were refused so far, or the error with which the upload has
    ///   failed.
    func process(_ piece: UploadPiece) -> Result<Int, BlobStoreError> {
        state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            guard !isAbandoned.load(ordering: .relaxed) else { return .success(0) }
            // The piece's buffers are the loop's again when this returns.
            defer { state.current?.forgetBytesInHand() }
            do throws(BlobStoreError) {
                for step in piece.steps { try take(step, &state) }
                // Only a file that goes on in the next piece is looked at here: one that is
                // complete was looked at when it ended.
                try state.current?.inspectArrived()
            } catch {
                state.failure = error
                return .failure(error)
            }
            let isRefused = state.current?.refusal != nil
            return .success(state.outcome.refused.count + (isRefused ? 1 : 0))
        }
    }

    private func take(
        _ step: UploadPiece.Step,
        _ state: inout State
    ) throws(BlobStoreError) {
        switch step {
        case .begin(let filename):
            state.current = UploadFile(filename: filename, blob: store.makeIncoming())
        case .content(let buffer, let range):
            try state.current?.append(buffer, range)
        case .copied(let bytes):
            try state.current?.append(bytes)
        case .end:
            guard var file = state.current.take() else { return }
            switch try file.finish() {
            case .success(let received): state.outcome.received.append(received)
            case .failure(let refused): state.outcome.refused.append(refused.file)
            }
        }
    }

    /// What became of all files; a file that is still being refused counts.
    var outcome: Outcome {
        state.withLock { state in
            var outcome = state.outcome
            if let refusal = state.current?.refusal { outcome.refused.append(refusal) }
            return outcome
        }
    }

    /// Removes all the files.
    func discard() {
        state.withLock { state in
            state.current?.blob.discard()
            state.current = nil
            for file in state.outcome.received { file.blob.discard() }
            state.outcome = Outcome()
        }
    }
}

/// A file that was refused, as an error.
struct UploadRefusal: Error {
    var file: UploadFiles.Refused
}
