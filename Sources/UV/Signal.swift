internal import CUV

/// Calls back when the process receives a signal.
///
/// Wraps `uv_signal_t`; see https://docs.libuv.org/en/v1.x/signal.html.
package final class Signal: Handle {
    /// The signals that a server heeds.
    package enum Name: Sendable {
        /// Asked to end, by a person at a terminal.
        case interrupt
        /// Asked to end, by a supervisor.
        case terminate

        var number: CInt {
            switch self {
            case .interrupt: SIGINT
            case .terminate: SIGTERM
            }
        }
    }

    // SAFETY: `Handle` owns the structure, of the type named in `init`, and keeps it until it is
    // closed.
    private var onSignal: (() -> Void)?

    /// Makes a watcher that does not watch yet.
    ///
    /// - Parameter loop: the loop to live on.
    /// - Throws: what `uv_signal_init` answered.
    package init(on loop: Loop) throws(UVError) {
        try unsafe super.init(UV_SIGNAL, on: loop) { storage in
            unsafe uv_signal_init(loop.raw, storage.assumingMemoryBound(to: uv_signal_t.self))
        }
    }

    /// Starts to watch.
    ///
    /// Wraps `uv_signal_start`.
    ///
    /// - Parameters:
    ///   - name: the signal.
    ///   - onSignal: called on the loop, each time it comes.
    /// - Throws: what `uv_signal_start` answered.
    package func start(_ name: Name, _ onSignal: @escaping () -> Void) throws(UVError) {
        precondition(!isClosing, "a closed watcher cannot start")
        let callback: uv_signal_cb = { signal, _ in
            guard let data = unsafe signal?.pointee.data else { return }
            // SAFETY: `Handle.init` set it to this watcher, which libuv keeps until it is closed.
            let handle = unsafe Unmanaged<Handle>.fromOpaque(data).takeUnretainedValue()
            unsafe unsafeDowncast(handle, to: Signal.self).onSignal?()
        }
        try UVError.check(unsafe uv_signal_start(typed(), callback, name.number))
        self.onSignal = onSignal
    }

    override func willClose() { onSignal = nil }
}

/// Lets a write to a connection that the peer closed fail with `EPIPE` instead of ending the
/// process.
package func ignoreBrokenPipeSignal() {
    cuv_ignore_broken_pipe()
}
