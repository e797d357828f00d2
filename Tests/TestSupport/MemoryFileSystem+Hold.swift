internal import Glibc
internal import UV

extension MemoryFileSystem {
    /// Stops the thread that performs an operation, until the test lets it go on.
    ///
    /// The way to have something happen during a flush without sleeping and hoping.
    package final class Hold: Sendable {
        private enum State { case waiting, reached, released }

        private let kind: Operation.Kind
        private let path: String?
        private let state = Lock(State.waiting)

        init(_ kind: Operation.Kind, _ path: String?) {
            self.kind = kind
            self.path = path
        }

        /// Whether a thread has come to the operation, for tests whose loop must not wait.
        package var isReached: Bool { state.withLock { $0 != .waiting } }

        /// Waits until a thread has come to the operation.
        package func waitUntilReached() { spin(until: .reached) }

        /// Lets the thread go on, and every later one pass.
        package func release() { state.withLock { $0 = .released } }

        /// Stops the calling thread if it performs the operation for the first time.
        func pass(_ kind: Operation.Kind, _ path: String? = nil) {
            guard kind == self.kind, self.path == nil || self.path == path else { return }
            let isFirst = state.withLock { state in
                guard state == .waiting else { return false }
                state = .reached
                return true
            }
            if isFirst { spin(until: .released) }
        }

        /// Waits by looking again and again: tests hold a thread for microseconds.
        ///
        /// A thread that never comes is a failure of the test, not a reason to wait for ever.
        private func spin(until wanted: State) {
            let start = ContinuousClock.now
            while state.withLock({ $0 != wanted }) {
                precondition(start.duration(to: .now) < .seconds(30), "nobody came to \(kind)")
                sched_yield()
            }
        }
    }

    /// Stops the next thread that performs a kind of operation, before it is performed.
    ///
    /// - Parameters:
    ///   - kind: the operation.
    ///   - path: what it has to be for; `nil` for anything.
    /// - Returns: the way to wait for the thread and to let it go.
    package func hold(_ kind: Operation.Kind, of path: String? = nil) -> Hold {
        let hold = Hold(kind, path)
        state.withLock { $0.hold = hold }
        return hold
    }

    /// Lets whoever is stopped go on, so that a test that failed keeps no thread.
    package func releaseHold() { state.withLock { $0.hold }?.release() }
}
