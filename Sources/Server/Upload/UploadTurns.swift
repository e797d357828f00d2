internal import UV

/// Whose turn it is among a loop's uploads, so that they do not keep it from everybody else.
///
/// ```
/// read ─▶ piece under way ─▶ done            while there is room
///   ╰───▶ in line ─▶ called at the end of a turn ─▶ read
/// ```
/// Left alone, 64 clients that send at once would have two buffers each filled in one turn of the
/// loop, 32 MiB of copying in which nobody else is served; and pieces that wait for a worker are
/// out of the processor's caches when it gets to them. So an upload is read only while few pieces
/// are under way and little was read in this turn; the others stand in line. A client that sends
/// slowly holds nobody up: only what was read takes room.
final class UploadTurns {
    /// Pieces of a loop that are with workers or wait for one: as many as the workers can take, and
    /// one that is ready when one of them is done.
    static let piecesMax = max(2, availableParallelism) + 1
    /// Bytes of bodies that are read before others are served, some 0.1 ms.
    static let turnBytesMax = 256 << 10

    private var pieceCount = 0
    private var turnBytes = 0
    private var hasPieceEnded = false
    private var line: [any TakesTurns] = []

    /// Whether an upload may read without standing in line.
    var isFree: Bool { line.isEmpty && hasRoom }

    private var hasRoom: Bool { pieceCount < Self.piecesMax && turnBytes < Self.turnBytesMax }

    /// Puts an upload at the end of the line.
    ///
    /// - Parameter upload: has stopped reading until it is called.
    func standInLine(_ upload: any TakesTurns) { line.append(upload) }

    /// Takes an upload out of the line.
    ///
    /// - Parameter upload: has ended; it is not called any more.
    func forget(_ upload: any TakesTurns) { line.removeAll { $0 === upload } }

    /// Notes that bytes of a body were read.
    ///
    /// - Parameter count: how many, with what frames them.
    func received(_ count: Int) { turnBytes += count }

    /// Notes that a worker was given a piece.
    func pieceBegan() { pieceCount += 1 }

    /// Notes that a worker is done with a piece.
    func pieceEnded() {
        pieceCount -= 1
        hasPieceEnded = true
    }

    /// Begins a turn of the loop: calls as many as have room.
    ///
    /// One at least when a piece has ended: small uploads that come with their heads never stand in
    /// line, and many of them would take all the room that comes free.
    func callNext() {
        turnBytes = 0
        let room = max(Self.piecesMax - pieceCount, hasPieceEnded ? 1 : 0)
        hasPieceEnded = false
        let count = min(line.count, room)
        guard count > 0 else { return }
        let called = line[..<count]
        line.removeFirst(count)
        for upload in called { upload.called() }
    }
}

/// What stands in line to be read: an upload, or what a test has in its place.
protocol TakesTurns: AnyObject {
    /// Notes that it is out of the line, and that its next read is its own.
    func called()
}
