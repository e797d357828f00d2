import UV

extension MemoryFileSystem {
    /// The disk just before an operation, from which a machine can be started that lost its power
    /// right then.
    package struct Moment: Sendable {
        /// What was about to be done; `nil` for a moment that a test took itself.
        package let operation: Operation?
        /// The same for two moments between which a power cut would leave the same.
        package var changeCount: Int { disk.changeCount }
        private let disk: MemoryDisk
        private let nowSeconds: Int64

        init(_ operation: Operation?, _ state: State) {
            self.operation = operation
            disk = state.disk
            nowSeconds = state.nowSeconds
        }

        /// Starts a machine with what is left of the disk.
        ///
        /// - Parameter survival: what is left of that which was not made safe.
        /// - Returns: its file system; nothing is open, nothing fails.
        package func boot(_ survival: Survival) -> MemoryFileSystem {
            let booted = MemoryFileSystem()
            booted.state.withLock { state in
                state.disk = disk
                state.nowSeconds = nowSeconds
            }
            booted.crash(survival)
            return booted
        }
    }

    /// Shows every operation to a test before it is performed, with the disk as it is.
    ///
    /// One run then gives every moment at which the power may fail, without being run again.
    ///
    /// - Parameter watcher: called on the thread that asked, while all others wait; must not ask
    ///   the file system itself. `nil` to stop watching.
    package func watch(_ watcher: (@Sendable (Moment) -> Void)?) {
        state.withLock { $0.watcher = watcher }
    }

    /// The disk as it is now.
    package var moment: Moment { state.withLock { Moment(nil, $0) } }
}

extension MemoryFileSystem.State {
    /// Records an operation and shows it to whoever watches.
    mutating func begin(_ operation: MemoryFileSystem.Operation) {
        operations.append(operation)
        watcher?(MemoryFileSystem.Moment(operation, self))
    }
}
