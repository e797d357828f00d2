internal import CUV

/// Calls back after a time, once or again and again.
///
/// Wraps `uv_timer_t`; see https://docs.libuv.org/en/v1.x/timer.html.
package final class Timer: Handle {
    // SAFETY: `Handle` owns the structure, of the type named in `init`, and keeps it until it is
    // closed.
    private var onFire: (() -> Void)?

    /// Makes a timer that does not run yet.
    ///
    /// - Parameter loop: the loop to live on.
    /// - Throws: what `uv_timer_init` answered.
    package init(on loop: Loop) throws(UVError) {
        try unsafe super.init(UV_TIMER, on: loop) { storage in
            unsafe uv_timer_init(loop.raw, storage.assumingMemoryBound(to: uv_timer_t.self))
        }
    }

    /// Starts the timer, or starts it anew.
    ///
    /// Wraps `uv_timer_start`.
    ///
    /// - Parameters:
    ///   - milliseconds: time to the first call.
    ///   - repeatMilliseconds: time between further calls; 0 for none.
    ///   - onFire: called on the loop.
    package func start(
        afterMilliseconds milliseconds: UInt64,
        repeatMilliseconds: UInt64 = 0,
        _ onFire: @escaping () -> Void
    ) {
        precondition(!isClosing, "a closed timer cannot start")
        self.onFire = onFire
        let callback: uv_timer_cb = { timer in
            guard let data = unsafe timer?.pointee.data else { return }
            // SAFETY: `Handle.init` set it to this timer, which libuv keeps until it is closed.
            let handle = unsafe Unmanaged<Handle>.fromOpaque(data).takeUnretainedValue()
            unsafe unsafeDowncast(handle, to: Timer.self).onFire?()
        }
        unsafe _ = uv_timer_start(typed(), callback, milliseconds, repeatMilliseconds)
    }

    /// Stops the timer; it can be started again.
    ///
    /// Wraps `uv_timer_stop`.
    package func stop() {
        guard !isClosing else { return }
        unsafe _ = uv_timer_stop(typed())
        onFire = nil
    }

    override func willClose() { onFire = nil }
}
