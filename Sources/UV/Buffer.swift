internal import CReserve
internal import CUV

/// A block of memory of fixed size that libuv reads into and that workers read from.
///
/// It never moves, so it can be lent to the kernel between two callbacks. Ownership is handed over,
/// not shared: whoever fills a range does so before passing the buffer on, and nobody writes a
/// range that another thread may read. The memory comes zeroed, and pages that were never touched
/// cost nothing.
///
/// `@unchecked Sendable`: the compiler cannot see the hand-over rule above; each hand-over goes
/// through a queue of libuv or a mutex, which orders the memory accesses.
@safe package final class Buffer: @unchecked Sendable {
    /// Size in bytes.
    package let capacity: Int

    // SAFETY: `capacity` initialized bytes from `init` to `deinit`; every access is checked against
    // `capacity` first, by a span or a precondition.
    let base: UnsafeMutablePointer<UInt8>

    /// Allocates a zeroed block that is small, or needed from the start on: without it the process
    /// ends.
    ///
    /// - Parameter capacity: its size in bytes, at least 1.
    package init(capacity: Int) {
        precondition(capacity > 0, "a buffer has at least one byte")
        self.capacity = capacity
        guard let memory = unsafe calloc(capacity, 1) else {
            fatalError("out of memory: no buffer of \(capacity) bytes")
        }
        // SAFETY: `calloc` gave `capacity` initialized bytes, aligned for every type.
        unsafe base = memory.bindMemory(to: UInt8.self, capacity: capacity)
    }

    /// Allocates a zeroed block, if the system has memory for it; never out of the reserve.
    ///
    /// Where a client decides how many there are, `LargeMemory.buffer` asks for them.
    ///
    /// - Parameter capacity: its size in bytes, at least 1.
    package init?(trying capacity: Int) {
        precondition(capacity > 0, "a buffer has at least one byte")
        guard let memory = unsafe creserve_try_allocate(capacity) else { return nil }
        self.capacity = capacity
        // SAFETY: as in the other initializer.
        unsafe base = memory.bindMemory(to: UInt8.self, capacity: capacity)
    }

    /// Copies bytes into a block of just their size.
    ///
    /// - Parameter bytes: at least one byte.
    package convenience init(copying bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        // SAFETY: source and destination both have `bytes.count` bytes and do not overlap.
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe base.update(from: start, count: source.count)
        }
    }

    /// All the bytes of the block.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the memory is initialized, `capacity` bytes long and lives as long as `self`.
            let whole = unsafe Span(_unsafeStart: base, count: capacity)
            return unsafe _overrideLifetime(whole, borrowing: self)
        }
    }

    /// All the bytes of the block, to be filled by its present owner.
    package var mutableSpan: MutableSpan<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: as for `span`; the hand-over rule makes the caller the only one to touch it.
            let whole = unsafe MutableSpan(_unsafeStart: base, count: capacity)
            return unsafe _overrideLifetime(whole, borrowing: self)
        }
    }

    /// Copies bytes to a place in the block.
    ///
    /// - Parameters:
    ///   - bytes: the bytes; they must fit.
    ///   - offset: index of the first byte to overwrite.
    package func copy(_ bytes: Span<UInt8>, to offset: Int) {
        precondition(offset >= 0 && bytes.count <= capacity - offset, "the bytes do not fit")
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            // SAFETY: the precondition keeps the copy within the block; `memmove` allows overlap.
            unsafe memmove(base + offset, start, source.count)
        }
    }

    deinit { unsafe free(base) }
}

/// A part of a buffer on its way to a socket.
package struct OutputChunk: Sendable {
    /// The memory; kept alive until it is written.
    package let buffer: Buffer
    /// The part of it that is to be written.
    package let range: Range<Int>

    /// Names a part of a buffer.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - range: the part, within the buffer's capacity.
    package init(_ buffer: Buffer, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= buffer.capacity)
        self.buffer = buffer
        self.range = range
    }

    /// Names a part of this part.
    ///
    /// - Parameter range: the part, counted from the beginning of this one.
    /// - Returns: that part.
    package func part(_ range: Range<Int>) -> OutputChunk {
        precondition(range.upperBound <= self.range.count)
        let start = self.range.lowerBound
        return OutputChunk(buffer, start + range.lowerBound..<start + range.upperBound)
    }

    /// Wraps bytes that are all to be written.
    ///
    /// - Parameter bytes: at least one byte; copied once.
    package init(_ bytes: [UInt8]) {
        self.init(Buffer(copying: bytes), 0..<bytes.count)
    }
}
