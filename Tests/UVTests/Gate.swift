import Glibc
import UV

/// Lets threads wait for each other in tests, instead of sleeping and hoping.
///
/// Each `open` lets one `wait` through, whichever comes first. A semaphore of the system's, because
/// waiting is what it is for.
///
/// `@unchecked Sendable`: the semaphore's address never moves, and any thread may use it.
@safe final class Gate: @unchecked Sendable {
    // SAFETY: initialized in `init`, destroyed in `deinit`.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        unsafe semaphore = .allocate(capacity: 1)
        unsafe _ = sem_init(semaphore, 0, 0)
    }

    func open() { unsafe _ = sem_post(semaphore) }

    func wait() {
        // A signal may interrupt the wait; the suite for signals sends some.
        while unsafe sem_wait(semaphore) != 0 {}
    }

    deinit {
        unsafe _ = sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }
}

/// Hands values from one thread to another, which waits for them.
final class Handover<Value: Sendable>: Sendable {
    private let gate = Gate()
    private let values = Lock<[Value]>([])

    func give(_ value: Value) {
        values.withLock { $0.append(value) }
        gate.open()
    }

    func take() -> Value {
        gate.wait()
        return values.withLock { $0.removeFirst() }
    }
}
