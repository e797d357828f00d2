import Glibc

/// Lets threads wait for each other in tests, instead of sleeping and hoping.
///
/// Each `open` lets one `wait` through, whichever comes first. A semaphore of the system's, because
/// waiting is what it is for.
///
/// `@unchecked Sendable`: the semaphore's address never moves, and any thread may use it.
@safe final class Gate: @unchecked Sendable {
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
