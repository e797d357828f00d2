internal import CUV

/// An event loop: one thread, on which all its handles and callbacks live.
///
/// A loop and its handles are not `Sendable`, so the compiler keeps them on the thread that runs
/// them. Other threads reach it through an `Async` or a `Completion`. Wraps `uv_loop_t`; see
/// https://docs.libuv.org/en/v1.x/loop.html.
///
/// Every handle keeps its loop alive; the loop's release therefore proves that each handle's close
/// callback ran, and `deinit` requires that libuv agrees.
@safe package final class Loop {
    // SAFETY: they are allocated and initialized in `init`, used on the loop's thread only, and
    // freed in `deinit` after libuv has let go of them.
    let raw: UnsafeMutablePointer<uv_loop_t>
    let mailbox: Mailbox
    private let idle: UnsafeMutablePointer<uv_idle_t>
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private var enqueued: [() -> Void] = []
    private var pendingCompletionCount = 0

    /// Makes a loop.
    ///
    /// - Throws: what `uv_loop_init` answers, `EMFILE` for one.
    package init() throws(UVError) {
        unsafe raw = .allocate(capacity: 1)
        unsafe idle = .allocate(capacity: 1)
        unsafe prepare = .allocate(capacity: 1)
        do throws(UVError) {
            try UVError.check(unsafe uv_loop_init(raw))
        } catch {
            unsafe raw.deallocate()
            unsafe idle.deallocate()
            unsafe prepare.deallocate()
            throw error
        }
        // SAFETY: `raw` is an initialized loop, the others memory of the right types; they live
        // until `deinit`, after the handles that use them are closed.
        unsafe uv_idle_init(raw, idle)
        unsafe uv_prepare_init(raw, prepare)
        mailbox = unsafe Mailbox(on: raw)
        // SAFETY: unowned, because the loop owns `idle` and closes it before it goes.
        unsafe raw.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        unsafe idle.pointee.data = raw.pointee.data
        unsafe prepare.pointee.data = raw.pointee.data
    }

    /// Called in each turn of the loop, after its callbacks and before it waits for events.
    ///
    /// What many callbacks of a turn have in common is done here once. It does not keep `run` from
    /// returning, and is not called after the last turn. Wraps `uv_prepare_start`.
    package var beforeWaiting: (() -> Void)? {
        didSet {
            guard beforeWaiting != nil else {
                unsafe _ = uv_prepare_stop(prepare)
                return
            }
            unsafe _ = uv_prepare_start(prepare) { handle in
                guard let data = unsafe handle?.pointee.data else { return }
                // SAFETY: set in `init` to the loop, which outlives its prepare handle.
                unsafe Unmanaged<Loop>.fromOpaque(data).takeUnretainedValue().beforeWaiting?()
            }
            // SAFETY: every handle begins with the fields of `uv_handle_t`.
            unsafe uv_unref(
                UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self)
            )
        }
    }

    /// Runs until no active handle, work or completion is left, or until `stop`.
    ///
    /// Wraps `uv_run` in its default mode.
    package func run() {
        unsafe _ = uv_run(raw, UV_RUN_DEFAULT)
    }

    /// Makes `run` return after the callbacks of the present iteration.
    ///
    /// Wraps `uv_stop`.
    package func stop() {
        unsafe uv_stop(raw)
    }

    /// Milliseconds of a clock that never goes back, as of the present iteration.
    ///
    /// Wraps `uv_now`.
    package var now: UInt64 {
        unsafe uv_now(raw)
    }

    /// Runs a closure later on this loop, never before this call returns.
    ///
    /// Closures run in the order in which they were enqueued, before the loop waits for events
    /// again.
    ///
    /// - Parameter body: what to run.
    package func enqueue(_ body: @escaping () -> Void) {
        enqueued.append(body)
        guard enqueued.count == 1 else { return }
        unsafe uv_idle_start(idle) { handle in
            guard let handle = unsafe handle, let data = unsafe handle.pointee.data else { return }
            // SAFETY: set in `init` to the loop, which outlives its idle handle.
            unsafe Unmanaged<Loop>.fromOpaque(data).takeUnretainedValue().runEnqueued()
        }
    }

    private func runEnqueued() {
        let batch = enqueued
        enqueued = []
        unsafe uv_idle_stop(idle)
        for body in batch { body() }
    }

    /// Notes that a completion was handed out, which keeps `run` from returning.
    func completionBegan() {
        pendingCompletionCount += 1
        if pendingCompletionCount == 1 { mailbox.keepsLoopAlive = true }
    }

    /// Notes that a completion was called.
    func completionEnded() {
        pendingCompletionCount -= 1
        if pendingCompletionCount == 0 { mailbox.keepsLoopAlive = false }
    }

    deinit {
        mailbox.close()
        unsafe uv_close(
            UnsafeMutableRawPointer(idle).assumingMemoryBound(to: uv_handle_t.self),
            nil
        )
        unsafe uv_close(
            UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self),
            nil
        )
        // SAFETY: two iterations run the close callbacks; nothing else can be active, because
        // every other handle would have kept this object alive.
        unsafe _ = uv_run(raw, UV_RUN_NOWAIT)
        unsafe _ = uv_run(raw, UV_RUN_NOWAIT)
        let result = unsafe uv_loop_close(raw)
        precondition(result == 0, "a loop was released with open handles or requests under way")
        unsafe raw.deallocate()
        unsafe idle.deallocate()
        unsafe prepare.deallocate()
    }
}

@available(*, unavailable)
extension Loop: Sendable {}
