internal import CUV

/// A thread of the process's own.
///
/// Wraps `uv_thread_t`; see https://docs.libuv.org/en/v1.x/threading.html.
@safe package struct Thread: Sendable {
    private let raw: uv_thread_t

    /// Starts a thread.
    ///
    /// Wraps `uv_thread_create`.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and debuggers show, at most 15 bytes of it.
    ///   - body: what the thread does.
    /// - Throws: what `uv_thread_create` answered, `EAGAIN` for one.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(UVError) {
        // SAFETY: the thread takes the reference over; when it could not be started, it is given
        // back.
        let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var thread = uv_thread_t()
        let result = unsafe uv_thread_create(
            &thread,
            { argument in
                guard let argument = unsafe argument else { return }
                // SAFETY: balances `passRetained`; the thread's function runs once.
                let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                unsafe cuv_name_this_thread(start.name)
                start.body()
            },
            start.toOpaque()
        )
        if result < 0 {
            unsafe start.release()
            throw UVError(code: result)
        }
        raw = thread
    }

    /// Waits for the thread's end, once.
    ///
    /// Wraps `uv_thread_join`.
    package func join() {
        var thread = raw
        // SAFETY: the handle is that of a thread that was started; joining it twice is the caller's
        // mistake, which libuv answers with an error.
        unsafe _ = uv_thread_join(&thread)
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// Sets how many threads libuv's pool gets; to be called before the first piece of work.
///
/// - Parameter count: the number, `1...1024` (libuv's own bound).
package func setThreadPoolSize(_ count: Int) {
    precondition((1...1024).contains(count))
    // SAFETY: called while the process has one thread, so that no other reads the environment.
    unsafe _ = setenv("UV_THREADPOOL_SIZE", "\(count)", 1)
}

/// How many processors the process may use.
///
/// Wraps `uv_available_parallelism`.
package var availableParallelism: Int { max(1, Int(uv_available_parallelism())) }
