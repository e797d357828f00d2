internal import UV

/// Keeps what is sent to a worker until its loop can receive it.
final class CommandQueue: Sendable {
    private enum State: Sendable {
        case waiting([WorkerThread.Command])
        case open(Async<WorkerThread.Command>)
    }

    private let state = Lock(State.waiting([]))

    /// Sends a command, or keeps it for now.
    ///
    /// - Parameter command: the command.
    func send(_ command: WorkerThread.Command) {
        state.withLock { state in
            switch state {
            case .waiting(let commands): state = .waiting(commands + [command])
            case .open(let receiver): receiver.send(command)
            }
        }
    }

    /// Delivers what waits, and from now on everything at once.
    ///
    /// - Parameter receiver: the way into the worker's loop.
    func open(_ receiver: Async<WorkerThread.Command>) {
        state.withLock { state in
            if case .waiting(let commands) = state {
                for command in commands { receiver.send(command) }
            }
            state = .open(receiver)
        }
    }
}
