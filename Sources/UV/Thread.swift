internal import CReserve
internal import CUV
internal import Synchronization

/// A thread of the process's own.
///
/// Wraps `uv_thread_t`; see https://docs.libuv.org/en/v1.x/threading.html.
@safe package struct Thread: Sendable {
    /// Who gets a processor when there are more threads than processors.
    package enum Urgency: Sendable {
        /// Clients wait for it at every moment: a loop.
        case prompt
        /// It waits for the disk more than it works, and many clients wait for it: what flushes.
        ///
        /// It goes before patient ones, so that a flush begins while they still work on what the
        /// next one is for, instead of after all of it. On one processor 64 uploads at a time were
        /// faster by a tenth.
        case steady
        /// It gives way to loops: what hashes and writes.
        case patient

        /// How much nicer such a thread is than the process.
        ///
        /// Nicer by 5, a thread gets a third of a busy loop's share of a processor (the weights are
        /// 335 and 1,024, sched(7)): a loop that wakes up does not queue behind a round of hashing,
        /// and uploads hold their own beside other processes. (Nicer by 10 they did not: beside a
        /// compiler they were three times slower.)
        fileprivate var niceness: CInt {
            switch self {
            case .prompt: 0
            case .steady: 1
            case .patient: 5
            }
        }
    }

    private let raw: uv_thread_t

    /// Starts a thread.
    ///
    /// Wraps `uv_thread_create`.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and debuggers show, at most 15 bytes of it.
    ///   - urgency: whether it gives way to others.
    ///   - body: what the thread does.
    /// - Throws: what `uv_thread_create` answered, `EAGAIN` for one.
    package init(
        name: String,
        urgency: Urgency = .prompt,
        _ body: @escaping @Sendable () -> Void
    ) throws(UVError) {
        // SAFETY: the thread takes the reference over; when it could not be started, it is given
        // back.
        let start = unsafe Unmanaged.passRetained(
            ThreadStart(name: name, niceness: urgency.niceness, body: body)
        )
        var thread = uv_thread_t()
        let result = unsafe uv_thread_create(
            &thread,
            { argument in
                guard let argument = unsafe argument else { return }
                // SAFETY: balances `passRetained`; the thread's function runs once.
                let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                unsafe cuv_name_this_thread(start.name)
                if start.niceness != 0 { cuv_make_this_thread_nicer(start.niceness) }
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

    /// Lets other threads that want this processor run first.
    ///
    /// Wraps `sched_yield`; some hundred nanoseconds when there are none.
    package static func yield() { sched_yield() }

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
    let niceness: CInt
    let body: @Sendable () -> Void

    init(name: String, niceness: CInt, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.niceness = niceness
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

/// Starts libuv's pool before anything else takes the room that its threads' stacks need.
///
/// Without room, libuv would end the process without a word.
///
/// - Parameter size: how many threads it has, or more.
/// - Throws: `ENOMEM` when a limit leaves no room for them; what making a loop answered.
package func startThreadPool(size: Int) throws(UVError) {
    guard !threadPoolIsStarted.load(ordering: .relaxed) else { return }
    guard creserve_has_room(size * Int(cuv_stack_byte_count())) else { throw .outOfMemory }
    let loop = try Loop()
    loop.work({}, completion: { _ in })
    loop.run()
    threadPoolIsStarted.store(true, ordering: .relaxed)
}

private let threadPoolIsStarted = Atomic<Bool>(false)

/// How many processors the process may use.
///
/// Wraps `uv_available_parallelism`.
package var availableParallelism: Int { max(1, Int(uv_available_parallelism())) }
