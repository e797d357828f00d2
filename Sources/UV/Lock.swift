internal import CUV

/// A value that threads take turns with.
///
/// What `Synchronization.Mutex` is, and used like it. That one is built on futexes, which
/// ThreadSanitizer does not know on Linux: it would report a race for every value that two threads
/// have locked after each other, and a report that is always there hides the one that matters. This
/// one is a mutex of the system's, which it knows, at no higher cost: twenty million uncontended
/// turns took 2.3 to 3.4 s with that one and 1.2 to 3.3 s with this one, on a machine that was
/// busy.
///
/// Wraps `uv_mutex_t`; see https://docs.libuv.org/en/v1.x/threading.html#mutex-locks.
///
/// `@unchecked Sendable`: `value` is touched by the thread that holds `raw` only, and what goes in
/// or comes out is `sending`.
@safe package struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // SAFETY: `value` is allocated and initialized in `init`, freed in `deinit`, and reached with
    // `raw` locked only.
    @usableFromInline let raw: RawLock
    // The value may be changed while the lock itself is borrowed, so it is not stored within.
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Makes an unlocked lock.
    ///
    /// - Parameter value: what it guards.
    package init(_ value: consuming sending Value) {
        raw = RawLock()
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    /// Waits for its turn, and lets a closure use the value.
    ///
    /// - Parameter body: is given the value; must not lock the same lock again, which would never
    ///   end.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws.
    @inlinable
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        raw.lock()
        defer { raw.unlock() }
        // SAFETY: initialized in `init`, and this thread's alone until `unlock`.
        return try unsafe body(&value.pointee)
    }

    deinit {
        // SAFETY: nobody borrows the lock any more, so nobody is in `withLock`.
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        raw.destroy()
    }
}

/// The mutex itself, at an address that never changes.
@usableFromInline
@safe struct RawLock {
    // SAFETY: allocated and initialized in `init`, until `destroy`; the lock calls nothing after
    // it.
    private let pointer: UnsafeMutablePointer<uv_mutex_t>

    init() {
        unsafe pointer = .allocate(capacity: 1)
        let result = unsafe uv_mutex_init(pointer)
        precondition(result == 0, "the system has no memory left for a mutex")
    }

    /// Wraps `uv_mutex_lock`.
    @usableFromInline
    func lock() { unsafe uv_mutex_lock(pointer) }

    /// Wraps `uv_mutex_unlock`.
    @usableFromInline
    func unlock() { unsafe uv_mutex_unlock(pointer) }

    /// Wraps `uv_mutex_destroy`; nothing may be called after it.
    func destroy() {
        unsafe uv_mutex_destroy(pointer)
        unsafe pointer.deallocate()
    }
}
