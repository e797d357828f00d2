/// Keeps buffers of one size for the next use, because fresh memory costs a page fault per page.
///
/// Belongs to one loop. Whoever takes a buffer owns it until giving it back, and gives it back only
/// when nobody reads or writes it any more.
package final class BufferPool {
    /// Size of each buffer, in bytes.
    package let capacity: Int
    /// Where new ones come from.
    package let memory: LargeMemory
    /// Called when there is no memory for a new buffer, to give some back before the pool asks once
    /// more.
    package var giveBackOther: (() -> Void)?
    private let limit: Int
    private var free: [Buffer] = []

    /// Makes an empty pool.
    ///
    /// - Parameters:
    ///   - capacity: size of each buffer, in bytes.
    ///   - limit: how many unused buffers are kept; more are given back to the system.
    ///   - memory: where new ones come from.
    package init(capacity: Int, limit: Int, memory: LargeMemory = LargeMemory()) {
        self.memory = memory
        self.capacity = capacity
        self.limit = limit
    }

    /// Takes a buffer.
    ///
    /// - Returns: a kept one, with the bytes of its last use, or a new one; `nil` when there is no
    ///   memory for it.
    package func take() -> Buffer? {
        if let buffer = free.popLast() ?? memory.buffer(capacity: capacity) { return buffer }
        guard let giveBackOther else { return nil }
        giveBackOther()
        return memory.buffer(capacity: capacity)
    }

    /// Gives the unused buffers back to the system.
    package func removeAll() { free = [] }

    /// Gives a buffer back.
    ///
    /// - Parameter buffer: a buffer that nobody uses any more; dropped instead when it has another
    ///   size, or when enough are kept. Giving it back twice is a mistake that would give it to two
    ///   owners.
    package func recycle(_ buffer: Buffer) {
        guard buffer.capacity == capacity, free.count < limit else { return }
        precondition(!free.contains { $0 === buffer }, "a buffer was given back twice")
        free.append(buffer)
    }
}

@available(*, unavailable)
extension BufferPool: Sendable {}
