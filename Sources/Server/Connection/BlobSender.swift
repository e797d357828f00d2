internal import BlobStore
internal import HTTP1
internal import UV

/// Sends content that is read from a blob piece by piece.
///
/// One piece is on its way to the socket while the next one is read: two buffers a connection,
/// whatever the size of the blob and the speed of the client. When many clients read, it is one
/// small buffer (`PieceMemory`).
final class BlobSender {
    private let body: BlobBody
    private unowned let connection: Connection
    /// Held, because a read may end when the connection is gone.
    private let memory: PieceMemory
    private var partIndex = 0
    /// How much of a range part was asked for.
    private var askedBytes: UInt64 = 0
    private var ready: OutputChunk?
    private var isReading = false
    private var isClosed = false
    /// The buffer whose bytes are being written.
    private var written: Buffer?
    /// A piece that is not in use.
    ///
    /// One is held from the beginning to the end, so that no download that has begun is broken off
    /// for lack of memory.
    private var spare: Buffer?

    /// Prepares to send.
    ///
    /// - Parameters:
    ///   - body: the content.
    ///   - connection: where it goes.
    ///   - piece: memory to begin with, of the connection's `PieceMemory`.
    init(_ body: BlobBody, connection: Connection, piece: Buffer) {
        self.body = body
        spare = piece
        self.connection = connection
        memory = connection.worker.pieceMemory
    }

    /// What became of asking for the next piece.
    private enum Next { case ready(OutputChunk), reading, finished }

    /// Goes on: called at first, and whenever the socket has taken what was written.
    func sendNext() {
        while !isClosed, !connection.state.hasUnwritten {
            if let buffer = written.take() { keep(buffer) }
            switch nextPiece() {
            case .ready(let chunk):
                // Before the flush, which may end the connection and with it this sender.
                written = chunk.buffer
                connection.output.append(chunk)
                connection.flush()
                // The next one is read while this one is on its way.
                if memory.isAmple, ready == nil, !isReading, !isClosed, hasSpare(),
                    case .ready(let chunk) = nextPiece()
                {
                    ready = chunk
                }
            case .reading:
                return
            case .finished:
                close()
                connection.responseGathered()
                return
            }
        }
    }

    /// Keeps a piece for the next read, or gives it back.
    private func keep(_ buffer: Buffer) {
        if spare == nil, memory.isPiece(buffer) { spare = buffer } else { memory.giveBack(buffer) }
    }

    /// Whether there is a piece to read into.
    private func hasSpare() -> Bool {
        if spare == nil { spare = memory.take() }
        return spare != nil
    }

    /// Gives the next piece, or starts to read it.
    private func nextPiece() -> Next {
        if let chunk = ready.take() { return .ready(chunk) }
        if isReading { return .reading }
        guard partIndex < body.parts.count else { return .finished }
        switch body.parts[partIndex] {
        case .bytes(let bytes):
            partIndex += 1
            return .ready(OutputChunk(bytes))
        case .range(let range):
            read(range)
            return .reading
        }
    }

    private func read(_ range: Range<UInt64>) {
        guard let piece = spare.take() else {
            preconditionFailure("a piece is read only when there is memory for it")
        }
        let buffer = memory.exchange(piece)
        let start = range.lowerBound + askedBytes
        let end = min(range.upperBound, start + UInt64(buffer.capacity))
        askedBytes = end - range.lowerBound
        if end == range.upperBound {
            partIndex += 1
            askedBytes = 0
        }
        isReading = true
        body.blob.read(start..<end, into: buffer, on: connection.worker.loop) { [self] result in
            isReading = false
            guard !isClosed else {
                memory.giveBack(buffer)
                return
            }
            switch result {
            case .success(let count) where count == Int(end - start):
                ready = OutputChunk(buffer, 0..<count)
                sendNext()
            case .success, .failure:
                memory.giveBack(buffer)
                // The head promised more than there is: only an early end tells the client.
                connection.worker.blobReadFailed(result)
                connection.close()
            }
        }
    }

    /// Lets go of the blob.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        if let spare = spare.take() { memory.giveBack(spare) }
        if let ready = ready.take() { memory.giveBack(ready.buffer) }
        if let written = written.take() { memory.forget(written) }
        body.blob.close()
    }
}
