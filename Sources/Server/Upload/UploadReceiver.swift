internal import BlobStore
internal import Bytes
internal import HTTP1
internal import Multipart
internal import UV

/// Takes the body of an upload: finds the files in it and passes their bytes to workers.
///
/// ```
/// socket ─▶ filling piece ─▶ piece being worked on ─▶ …        (never more than these two)
/// ```
/// While a worker is busy with one piece the next one fills; when that is full, too, reading stops
/// until the worker is done. So memory for an upload is two buffers, however large or fast it is,
/// and a disk that is slower than the network slows the client rather than the server. It also
/// stops while it stands in line behind other uploads (`UploadTurns`).
final class UploadReceiver: RequestBody, TakesTurns {
    /// Less room than this at the end of a buffer is not worth a system call.
    static let readBytesMin = 4 << 10
    /// When a file was refused, so much more of the body is read to tell the client about the
    /// others, too.
    ///
    /// If more is to come, the answer does not wait for it, and says so.
    static let bytesAfterRefusalMax = 64 << 20

    /// How an upload's body ends.
    enum End {
        /// All files are images; they are sealed and wait to be kept.
        case complete(UploadFiles)
        /// Files were refused; whether the body was read to its end.
        case refused(UploadFiles, isComplete: Bool)
        /// The request is not acceptable.
        case problem(Problem)
    }

    /// Whether the others let it read.
    private enum Turn {
        case none
        /// Reading is stopped until `called`.
        case awaited
        /// The next read is its own.
        case granted
    }

    /// The place among the uploads under way, held as long as the body is received.
    var slot: UploadSlotHolder?
    private let exchange: Exchange
    private let limits: UploadLimits
    private let store: any BlobStore
    private let files: UploadFiles
    private let multipart: MultipartReader
    private var finish: ((End) -> Void)?
    private var piece = UploadPiece()
    private var isWorking = false
    private var turn = Turn.none
    private var isComplete = false
    private var refusedCount = 0
    private var bytesSinceRefusal = 0
    private(set) var bodyBytes = 0

    /// Prepares to receive.
    ///
    /// - Parameters:
    ///   - exchange: the request.
    ///   - boundary: the boundary of its body.
    ///   - store: where the files are going.
    ///   - finish: called once when the body has ended, one way or the other, and no worker is busy
    ///     with it any more; not at all when the client leaves.
    init(
        _ exchange: Exchange,
        boundary: Boundary,
        store: any BlobStore,
        finish: @escaping (End) -> Void
    ) {
        self.exchange = exchange
        self.finish = finish
        limits = exchange.worker.configuration.uploadLimits
        self.store = store
        files = UploadFiles(store: store)
        multipart = MultipartReader(boundary: boundary, limits: limits)
    }

    // MARK: The body

    var keepsBuffers: Bool { true }

    func lend() -> BodyMemory {
        guard turn == .granted || exchange.worker.uploadTurns.isFree else {
            turn = .awaited
            exchange.worker.uploadTurns.standInLine(self)
            return .later
        }
        turn = .none
        if let buffer = piece.filling, buffer.capacity - piece.filledBytes >= Self.readBytesMin {
            return .own(OutputChunk(buffer, piece.filledBytes..<buffer.capacity))
        }
        // Without memory it is read into the loop's, and then refused (`Worker.keepReadMemory`).
        guard let buffer = exchange.worker.bufferPool.take() else { return .shared }
        piece.adopt(buffer, used: 0)
        return .own(OutputChunk(buffer, 0..<buffer.capacity))
    }

    func called() {
        turn = .granted
        exchange.resumeReading()
    }

    private func leaveLine() {
        if turn == .awaited { exchange.worker.uploadTurns.forget(self) }
        turn = .none
    }

    func receive(_ buffer: Buffer, _ range: Range<Int>) {
        let usedBefore = buffer === piece.filling ? piece.filledBytes : 0
        exchange.worker.uploadTurns.received(range.upperBound - usedBefore)
        piece.adopt(buffer, used: range.upperBound)
        guard finish != nil, !isComplete else { return }
        // A body in chunks does not say in its head how large it is.
        bodyBytes += range.count
        guard bodyBytes <= limits.requestBytes.bytes else {
            end(.problem(.bodyTooLarge(limitBytes: limits.requestBytes.bytes)))
            return
        }
        if refusedCount > 0 { bytesSinceRefusal += range.count }
        do throws(UploadProblem) {
            try multipart.read(buffer, range, into: &piece)
        } catch {
            end(.problem(error.problem))
        }
    }

    func readEnded() {
        guard finish != nil else { return }
        if !isWorking {
            submitUnlessEndIsNear()
        } else if isFull {
            exchange.pauseReading()
        }
    }

    private var isFull: Bool {
        guard let buffer = piece.filling else { return false }
        return buffer.capacity - piece.filledBytes < Self.readBytesMin
    }

    func end() {
        guard finish != nil else { return }
        do throws(UploadProblem) {
            try multipart.finish()
        } catch {
            end(.problem(error.problem))
            return
        }
        isComplete = true
        if !isWorking { submit() }
    }

    func abort() {
        finish = nil
        slot = nil
        leaveLine()
        files.abandon()
        discardWhenIdle()
    }

    // MARK: The worker's part

    /// Waits for the end of a body whose rest fits into the buffer being filled, or into the second
    /// one after what came with the head: it is written and hashed in one go then, instead of in
    /// as many as the network has cut it into.
    private func submitUnlessEndIsNear() {
        let room =
            piece.buffers.count == 1
            ? exchange.worker.bufferPool.capacity
            : piece.filling.map { $0.capacity - piece.filledBytes } ?? 0
        if !isComplete, case .contentLength(let length) = exchange.head.framing,
            length <= UInt64(bodyBytes + room)
        {
            return
        }
        submit()
    }

    private func submit() {
        guard !piece.isEmpty else {
            // What was read belonged to no file: the same memory is filled again.
            piece.rewind()
            if isComplete { conclude() }
            return
        }
        let next = piece
        piece = UploadPiece()
        isWorking = true
        exchange.worker.uploadTurns.pieceBegan()
        store.receive(on: exchange.worker.loop) { [files] in
            files.process(next)
        } completion: { [self] result in
            isWorking = false
            exchange.worker.uploadTurns.pieceEnded()
            giveBack(next)
            processed(result)
        }
    }

    private func processed(_ result: Result<Int, BlobStoreError>) {
        guard finish != nil else {
            discardWhenIdle()
            return
        }
        switch result {
        case .failure(let error):
            end(.problem(exchange.worker.problem(error)))
            return
        case .success(let count):
            refusedCount = count
        }
        if refusedCount > 0, !isRestWorthReading {
            conclude()
            return
        }
        submitUnlessEndIsNear()
        if turn != .awaited { exchange.resumeReading() }
    }

    /// Whether the rest of a body of which a file was refused is short enough to be read.
    private var isRestWorthReading: Bool {
        switch exchange.head.framing {
        case .contentLength(let length):
            length <= UInt64(bodyBytes + Self.bytesAfterRefusalMax)
        case .chunked, .none:
            bytesSinceRefusal <= Self.bytesAfterRefusalMax
        }
    }

    private func conclude() {
        end(refusedCount > 0 ? .refused(files, isComplete: isComplete) : .complete(files))
    }

    private func end(_ how: End) {
        guard let last = finish.take() else { return }
        slot = nil
        leaveLine()
        giveBack(piece)
        piece = UploadPiece()
        if case .problem = how { discardWhenIdle() }
        last(how)
    }

    private func giveBack(_ piece: UploadPiece) {
        for buffer in piece.buffers { exchange.worker.bufferPool.recycle(buffer) }
    }

    /// Removes the files, once no worker uses them.
    private func discardWhenIdle() {
        guard !isWorking else { return }
        isWorking = true
        store.receive(on: exchange.worker.loop) { [files] in
            files.discard()
        } completion: { _ in
        }
    }
}

/// What an upload may have at most.
struct UploadLimits: Sendable {
    /// Bytes of one file.
    var fileBytes: ByteCount
    /// Bytes of the whole body.
    var requestBytes: ByteCount
    /// Files in one request.
    var fileCount: Int
    /// Bytes of one part's header section.
    var partHeaderBytes: ByteCount
}

/// A problem on its way up through a function that throws.
struct UploadProblem: Error {
    var problem: Problem
}
