internal import CUV

/// A thread that takes everything queued at once: the group-commit primitive.
///
/// Items that come while a batch is processed wait together for the next one, so that what a batch
/// costs once (a flush, for one) is shared by all that came in the meantime. Mostly it gives way to
/// loops (`Thread.Urgency.patient`): what it does late, it does for more at once.
///
/// ```
/// submit ─▶ queue ─▶ [item, item, …] ─▶ process ─▶ (again, as long as the queue is not empty)
/// ```
///
/// `@unchecked Sendable`: `wake` is a fixed address, and libuv's semaphores may be used from any
/// thread; everything else is immutable or under the mutex.
@safe package final class BatchThread<Item: Sendable>: @unchecked Sendable {
    private struct State {
        var queue: [Item] = []
        var isFinishing = false
        var thread: Thread?
    }

    // SAFETY: allocated in `init`, initialized before any use and freed in `deinit`, which the
    // thread's own reference to `self` keeps from running before the thread has ended.
    private let wake: UnsafeMutablePointer<uv_sem_t>
    private let state = Lock(State())

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and debuggers show, at most 15 bytes of it.
    ///   - urgency: whether it gives way to other threads.
    ///   - process: called on the thread with all the items that were queued, at least one, in the
    ///     order in which they were submitted.
    /// - Throws: what starting the thread answered.
    package init(
        name: String,
        urgency: Thread.Urgency = .patient,
        _ process: @escaping @Sendable ([Item]) -> Void
    ) throws(UVError) {
        unsafe wake = .allocate(capacity: 1)
        unsafe _ = uv_sem_init(wake, 0)
        let thread = try Thread(name: name, urgency: urgency) { [self] in run(process) }
        state.withLock { $0.thread = thread }
    }

    /// Queues an item; from any thread, without waiting.
    ///
    /// - Parameter item: what to process.
    package func submit(_ item: Item) {
        let isFirst = state.withLock { state in
            precondition(!state.isFinishing, "nothing can be submitted after finish")
            state.queue.append(item)
            return state.queue.count == 1
        }
        // SAFETY: `wake` lives as long as `self`.
        if isFirst { unsafe uv_sem_post(wake) }
    }

    /// Processes what is queued and ends the thread; blocks until it has ended.
    ///
    /// Harmless twice, but not from the thread itself.
    package func finish() {
        let thread = state.withLock { state in
            state.isFinishing = true
            return state.thread.take()
        }
        guard let thread else { return }
        unsafe uv_sem_post(wake)
        thread.join()
    }

    private func run(_ process: ([Item]) -> Void) {
        while true {
            unsafe uv_sem_wait(wake)
            let (batch, isFinishing) = state.withLock { state in
                let batch = state.queue
                state.queue = []
                return (batch, state.isFinishing)
            }
            if !batch.isEmpty { process(batch) }
            // After the flag is set nothing is submitted, so an empty queue stays empty.
            if isFinishing { return }
        }
    }

    deinit {
        unsafe uv_sem_destroy(wake)
        unsafe wake.deallocate()
    }
}
