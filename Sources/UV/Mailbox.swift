internal import CUV

/// The way into a loop from other threads: a queue, and one descriptor that wakes the loop.
///
/// Only what is posted to an empty queue wakes the loop, so a batch of completions costs one
/// wake-up. Not `uv_async_t`, which does the same: libuv 1.44.2 lets the loop spin until the sender
/// has left `uv_async_send`, and a sender that gives way to the loop (`Thread.Urgency.patient`)
/// leaves it only when the loop has slept. Wraps `uv_poll_t`; see
/// https://docs.libuv.org/en/v1.x/poll.html.
///
/// `@unchecked Sendable`: `descriptor` is a constant and may be written to from any thread; what is
/// posted is under the mutex, and the rest is called on the loop's thread only.
@safe final class Mailbox: @unchecked Sendable {
    private struct State {
        var posted: [@Sendable () -> Void] = []
        var isOpen = true
    }

    // SAFETY: allocated and initialized in `init`, freed in the close callback; libuv's reference
    // to `self` keeps it until then.
    private let poll: UnsafeMutablePointer<uv_poll_t>
    /// Open as long as anybody may post.
    private let descriptor: CInt
    private let state = Lock(State())

    /// Opens the mailbox of a loop.
    ///
    /// - Parameter loop: an initialized loop, which closes the mailbox before it goes.
    init(on loop: UnsafeMutablePointer<uv_loop_t>) {
        unsafe poll = .allocate(capacity: 1)
        descriptor = cuv_make_wake()
        precondition(descriptor >= 0, "no descriptor left to wake a loop with")
        var result = unsafe uv_poll_init(loop, poll, descriptor)
        precondition(result == 0, "libuv refused the descriptor that wakes a loop")
        unsafe poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
        result = unsafe uv_poll_start(poll, CInt(UV_READABLE.rawValue)) { handle, _, _ in
            guard let data = unsafe handle?.pointee.data else { return }
            // SAFETY: set above to the mailbox, which frees the handle only in its close callback.
            unsafe Unmanaged<Mailbox>.fromOpaque(data).takeUnretainedValue().deliver()
        }
        precondition(result == 0, "libuv refused to watch the descriptor that wakes a loop")
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
        let isFirst = state.withLock { state in
            guard state.isOpen else { return false }
            state.posted.append(body)
            return state.posted.count == 1
        }
        // Not under the mutex: the loop that wakes up wants it. If the loop has taken the closure
        // meanwhile, or has gone, it is woken once too often, or nobody is.
        if isFirst { cuv_wake(descriptor) }
    }

    private func deliver() {
        // First, so that what is posted after the queue was taken wakes the loop again.
        cuv_take_wake(descriptor)
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
            unsafe mailbox.poll.deallocate()
        }
    }

    private var handle: UnsafeMutablePointer<uv_handle_t> {
        // SAFETY: every libuv handle structure begins with the fields of `uv_handle_t`.
        unsafe UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)
    }

    /// Comes after the close callback and after the last one who might post.
    deinit { cuv_close_wake(descriptor) }
}
