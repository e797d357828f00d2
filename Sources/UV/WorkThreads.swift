internal import CUV

/// A few threads for work of one kind, so that it holds up neither the loops nor other work.
///
/// libuv's pool takes work in the order in which it came, so that beside many uploads the opening
/// of one file would wait for a piece of each. These threads have a queue of their own, and give
/// way to loops (`Thread.Urgency.patient`).
///
/// ```
/// submit ─▶ queue ─▶ whichever thread is free ─▶ Completion ─▶ the loop
/// ```
///
/// `@unchecked Sendable`: `wake` is a fixed address, and libuv's semaphores may be used from any
/// thread; everything else is immutable or under the mutex.
@safe package final class WorkThreads: @unchecked Sendable {
    private typealias Job = @Sendable () -> Void

    private struct State {
        /// What has come, in that order.
        var arrived: [Job] = []
        /// What is to be taken, the first at the end.
        var waiting: [Job] = []
        var isFinishing = false
        var threads: [Thread] = []

        mutating func takeNext() -> Job? {
            if waiting.isEmpty {
                waiting = arrived.reversed()
                arrived.removeAll(keepingCapacity: true)
            }
            return waiting.popLast()
        }
    }

    // SAFETY: allocated in `init`, initialized before any use and freed in `deinit`, which the
    // threads' own references to `self` keep from running before they have ended.
    private let wake: UnsafeMutablePointer<uv_sem_t>
    private let state = Lock(State())

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and debuggers show for each, at most 15 bytes of it.
    ///   - count: how many, at least 1.
    /// - Throws: what starting a thread answered; none is left then.
    package init(name: String, count: Int) throws(UVError) {
        precondition(count > 0, "work needs a thread")
        unsafe wake = .allocate(capacity: 1)
        unsafe _ = uv_sem_init(wake, 0)
        do throws(UVError) {
            for _ in 0..<count {
                let thread = try Thread(name: name, urgency: .patient) { [self] in run() }
                state.withLock { $0.threads.append(thread) }
            }
        } catch {
            finish()
            throw error
        }
    }

    /// Runs a closure on one of the threads, then another one on a loop with its result; from that
    /// loop's thread.
    ///
    /// After `finish` it is libuv's pool that does it: at the end of the process the last ones may
    /// come late.
    ///
    /// - Parameters:
    ///   - loop: where the completion is called.
    ///   - work: may block.
    ///   - completion: called once, on the loop, never before this call returns.
    package func submit<Result: Sendable>(
        on loop: Loop,
        _ work: @escaping @Sendable () -> Result,
        completion: @escaping (Result) -> Void
    ) {
        // A finished queue stays so; one that is not yet may become so before the lock below.
        guard !state.withLock({ $0.isFinishing }) else {
            loop.work(work, completion: completion)
            return
        }
        let result = loop.completion(completion)
        let job: Job = { result.resolve(work()) }
        let isQueued = state.withLock { state in
            guard !state.isFinishing else { return false }
            state.arrived.append(job)
            return true
        }
        if isQueued {
            // SAFETY: `wake` lives as long as `self`.
            unsafe uv_sem_post(wake)
        } else {
            loop.work(job) {}
        }
    }

    /// Does what is queued and ends the threads; blocks until they have ended.
    ///
    /// Harmless twice, but not from one of the threads.
    package func finish() {
        let threads = state.withLock { state in
            state.isFinishing = true
            defer { state.threads = [] }
            return state.threads
        }
        for _ in threads { unsafe uv_sem_post(wake) }
        for thread in threads { thread.join() }
    }

    /// Each post of the semaphore is for one job or, once all jobs are taken, for one thread's end.
    private func run() {
        while true {
            unsafe uv_sem_wait(wake)
            guard let job = state.withLock({ $0.takeNext() }) else { return }
            job()
        }
    }

    deinit {
        unsafe uv_sem_destroy(wake)
        unsafe wake.deallocate()
    }
}
