/// Keeps buffers of one size for the next use, because fresh memory costs a page fault per page.
///
/// Belongs to one loop. Buffers come back only when nobody else holds them.
package final class BufferPool {
    /// Size of each buffer, in bytes.
    package let capacity: Int
    private let limit: Int
    private var free: [Buffer] = []

    /// Makes an empty pool.
    ///
    /// - Parameters:
    ///   - capacity: size of each buffer, in bytes.
    ///   - limit: how many unused buffers are kept; more are given back to the system.
    package init(capacity: Int, limit: Int) {
        self.capacity = capacity
        self.limit = limit
    }

    /// Takes a buffer.
    ///
    /// - Returns: a kept one, with the bytes of its last use, or a new one.
    package func take() -> Buffer {
        free.popLast() ?? Buffer(capacity: capacity)
    }

    /// Gives a buffer back.
    ///
    /// - Parameter buffer: dropped instead when somebody else still holds it, when it has another
    ///   size, or when enough are kept.
    package func recycle(_ buffer: consuming Buffer) {
        var last: Buffer = buffer
        guard last.capacity == capacity, free.count < limit, isKnownUniquelyReferenced(&last)
        else { return }
        free.append(last)
    }
}

@available(*, unavailable)
extension BufferPool: Sendable {}
