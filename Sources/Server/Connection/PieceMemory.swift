internal import UV

/// The memory of a loop's downloads that are streamed from files.
///
/// Pieces are large while few clients read, and small once the budget is lent out: a client that
/// takes its bytes slowly keeps what it has, so that many of them would otherwise fill the memory,
/// and a client that takes them fast hardly notices. Nobody waits for memory, hence nobody can hold
/// up another one; the price of each further download is one small piece.
final class PieceMemory {
    /// Bytes lent in large pieces at once, all downloads of a loop together: 128 downloads have two
    /// each.
    static let largePiecesBytesMax = 64 << 20
    /// Bytes of a small piece: a trip to the pool for it still brings a client 100 MB a second, and
    /// 10,000 slow ones keep 160 MiB.
    static let smallPieceBytes = 16 << 10

    private let pool: BufferPool
    /// Bytes that are lent in large pieces.
    private(set) var largePiecesBytes = 0

    /// Lends out of a pool.
    ///
    /// - Parameter pool: where large pieces come from.
    init(pool: BufferPool) { self.pool = pool }

    /// Whether the next piece is a large one.
    var isAmple: Bool { largePiecesBytes + pool.capacity <= Self.largePiecesBytesMax }

    /// Lends memory for a piece.
    ///
    /// - Returns: a buffer that is given back or forgotten; `nil` when there is not even memory for
    ///   a small piece.
    func take() -> Buffer? {
        if isAmple, let large = pool.take() {
            largePiecesBytes += pool.capacity
            return large
        }
        return pool.memory.buffer(capacity: Self.smallPieceBytes)
    }

    /// Changes a piece that nobody uses any more for one of the size that is due; it is the same
    /// one when there is no memory for another.
    ///
    /// - Parameter buffer: the piece.
    /// - Returns: a buffer that is given back or forgotten.
    func exchange(_ buffer: Buffer) -> Buffer {
        guard buffer.capacity != pool.capacity, isAmple, let large = pool.take() else {
            return buffer
        }
        largePiecesBytes += pool.capacity
        return large
    }

    /// Tells whether a buffer is one that a file can be read into.
    ///
    /// - Parameter buffer: any buffer.
    /// - Returns: false for one that only holds a text of the protocol.
    func isPiece(_ buffer: Buffer) -> Bool {
        buffer.capacity == pool.capacity || buffer.capacity == Self.smallPieceBytes
    }

    /// Takes a piece back that nobody uses any more.
    ///
    /// - Parameter buffer: the piece; one that is not ours is let go.
    func giveBack(_ buffer: Buffer) {
        guard buffer.capacity == pool.capacity else { return }
        forget(buffer)
        pool.recycle(buffer)
    }

    /// Notes that a piece ends with its connection, although libuv may still hold it.
    ///
    /// - Parameter buffer: the piece, which is not lent again.
    func forget(_ buffer: Buffer) {
        if buffer.capacity == pool.capacity { largePiecesBytes -= pool.capacity }
    }
}
