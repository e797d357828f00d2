internal import CUV

/// The way into a loop from other threads: a queue and one `uv_async_t` for everybody.
///
/// libuv merges calls of `uv_async_send` that come before the loop wakes up, so a batch of
/// completions costs one wake-up. See https://docs.libuv.org/en/v1.x/async.html.
///
/// `@unchecked Sendable`: `async` is a fixed address, and `uv_async_send` is the one libuv function
/// that may be called from any thread; the state behind it is under the mutex, and the rest is
/// called on the loop's thread only.
@safe final class Mailbox: @unchecked Sendable {
    private struct State {
        var posted: [@Sendable () -> Void] = []
        var isOpen = true
    }

    // SAFETY: allocated and initialized in `init`, freed in the close callback; libuv's reference
    // to `self` keeps it until then.
    private let async: UnsafeMutablePointer<uv_async_t>
    private let state = Lock(State())

    /// Opens the mailbox of a loop.
    ///
    /// - Parameter loop: an initialized loop, which closes the mailbox before it goes.
    init(on loop: UnsafeMutablePointer<uv_loop_t>) {
        unsafe async = .allocate(capacity: 1)
        let result = unsafe uv_async_init(loop, async) { handle in
            guard let data = unsafe handle?.pointee.data else { return }
            // SAFETY: set below to the mailbox, which frees the handle only in its close callback.
            unsafe Unmanaged<Mailbox>.fromOpaque(data).takeUnretainedValue().deliver()
        }
        precondition(result == 0, "no descriptor left to wake a loop with")
        unsafe async.pointee.data = Unmanaged.passRetained(self).toOpaque()
        keepsLoopAlive = false
    }

    /// Whether the loop runs on for the mailbox's sake.
    ///
    /// Wraps `uv_ref` and `uv_unref`; loop only.
    var keepsLoopAlive: Bool {
        get { unsafe uv_has_ref(handle) != 0 }
        set {
            if newValue { unsafe uv_ref(handle) } else { unsafe uv_unref(handle) }
        }
    }

    /// Posts a closure to be run on the loop; from any thread.
    ///
    /// - Parameter body: what to run. Dropped unrun when the loop is gone.
    func post(_ body: @escaping @Sendable () -> Void) {
        state.withLock { state in
            guard state.isOpen else { return }
            state.posted.append(body)
            // SAFETY: under the mutex `isOpen` says that the handle is not closed yet.
            if state.posted.count == 1 { unsafe _ = uv_async_send(async) }
        }
    }

    private func deliver() {
        let batch = state.withLock { state in
            let batch = state.posted
            state.posted = []
            return batch
        }
        for body in batch { body() }
    }

    /// Closes the mailbox; loop only.
    func close() {
        state.withLock { $0.isOpen = false }
        unsafe uv_close(handle) { handle in
            guard let data = unsafe handle?.pointee.data else { return }
            // SAFETY: balances `passRetained` in `init`; libuv calls this once, after which nothing
            // refers to the mailbox's handle.
            let mailbox = unsafe Unmanaged<Mailbox>.fromOpaque(data).takeRetainedValue()
            unsafe mailbox.async.deallocate()
        }
    }

    private var handle: UnsafeMutablePointer<uv_handle_t> {
        // SAFETY: every libuv handle structure begins with the fields of `uv_handle_t`.
        unsafe UnsafeMutableRawPointer(async).assumingMemoryBound(to: uv_handle_t.self)
    }
}
