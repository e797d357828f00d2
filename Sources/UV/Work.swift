internal import CUV

extension Loop {
    /// Runs a closure on libuv's thread pool, then another one on this loop with its result.
    ///
    /// Wraps `uv_queue_work`. The pool is shared by all loops of the process.
    ///
    /// - Parameters:
    ///   - work: may block; runs on a thread of the pool, so it can capture `Sendable` values only.
    ///   - completion: called once, on this loop, never before this call returns.
    package func work<Result: Sendable>(
        _ work: @escaping @Sendable () -> Result,
        completion: @escaping (Result) -> Void
    ) {
        let slot = ResultSlot<Result>()
        let request = WorkRequest(
            work: { slot.value.withLock { $0 = work() } },
            completion: {
                guard let result = slot.value.withLock({ $0.take() }) else {
                    preconditionFailure("work ended without a result")
                }
                completion(result)
            }
        )
        request.start(on: self)
    }
}

private final class ResultSlot<Result: Sendable>: Sendable {
    let value = Lock<Result?>(nil)
}

/// One piece of work: libuv owns a reference from the accepted call until the completion.
@safe private final class WorkRequest {
    // SAFETY: libuv uses it from the accepted call to the callback; a reference to `self` is held
    // for it all that time, and `deinit` frees it.
    private let raw: UnsafeMutablePointer<uv_work_t>
    private let work: @Sendable () -> Void
    private var completion: (() -> Void)?

    init(work: @escaping @Sendable () -> Void, completion: @escaping () -> Void) {
        unsafe raw = .allocate(capacity: 1)
        self.work = work
        self.completion = completion
    }

    func start(on loop: Loop) {
        unsafe raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let result = unsafe uv_queue_work(
            loop.raw,
            raw,
            { request in
                guard let data = unsafe request?.pointee.data else { return }
                // SAFETY: set above and retained until the callback below. The pool's thread calls
                // `work` only, a `@Sendable` constant.
                unsafe Unmanaged<WorkRequest>.fromOpaque(data)._withUnsafeGuaranteedRef {
                    $0.work()
                }
            },
            { request, _ in
                guard let data = unsafe request?.pointee.data else { return }
                // SAFETY: balances `passRetained`; libuv calls this once, on the loop.
                let request = unsafe Unmanaged<WorkRequest>.fromOpaque(data).takeRetainedValue()
                let last = request.completion
                request.completion = nil
                last?()
            }
        )
        // The only refusal that libuv documents is a missing callback.
        precondition(result == 0, "libuv refused a piece of work")
    }

    deinit { unsafe raw.deallocate() }
}
