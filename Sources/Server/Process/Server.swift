internal import UV

/// The service as a whole.
package enum Server {
    /// Serves until a signal asks to end.
    ///
    /// - Parameter configuration: the settings.
    /// - Throws: `ServerError`, when it cannot start.
    package static func run(_ configuration: Configuration) throws(ServerError) {
        ignoreBrokenPipeSignal()
        raiseOpenFileLimit()
        do throws(UVError) {
            try LargeMemory.holdReserve()
            let poolSize = max(threadPoolSizeMin, 2 * configuration.workerCount)
            setThreadPoolSize(poolSize)
            try startThreadPool(size: poolSize + 1)
        } catch {
            throw ServerError.memory(error)
        }
        let supervisor: Supervisor
        do throws(UVError) {
            supervisor = try Supervisor(configuration)
        } catch {
            throw ServerError(.system, "the system refused a loop or a thread: \(error)")
        }
        try supervisor.run()
    }

    /// Threads that write uploads and read cold files: libuv's default, which keeps a slow disk
    /// from holding up the other requests.
    private static let threadPoolSizeMin = 4
}
