internal import UV

/// A worker's thread, as the supervisor sees it.
struct WorkerThread {
    /// What the supervisor tells a worker.
    enum Command: Sendable {
        /// The data has been read: serve it.
        case serve(Services)
        /// Begin nothing new, and end when what is under way is done.
        case stop
        /// End what is under way.
        case closeAll
    }

    private let thread: Thread
    private let commands: CommandQueue

    /// Starts a thread with a loop that listens.
    ///
    /// - Parameters:
    ///   - index: which worker it is, for its name.
    ///   - parts: what it is made of.
    ///   - address: where it listens, sharing the port with the others.
    ///   - started: resolved with `nil` when it listens, or with what kept it from listening.
    ///   - ended: resolved when its loop has ended.
    /// - Throws: what starting the thread answered; nothing is resolved then.
    init(
        _ index: Int,
        _ parts: Worker.Parts,
        _ address: SocketAddress,
        started: Completion<UVError?>,
        ended: Completion<Void>
    ) throws(UVError) {
        let commands = CommandQueue()
        self.commands = commands
        thread = try Thread(name: "loop-\(index)") {
            Self.run(parts, address, commands, started: started)
            ended.resolve(())
        }
    }

    private static func run(
        _ parts: Worker.Parts,
        _ address: SocketAddress,
        _ commands: CommandQueue,
        started: Completion<UVError?>
    ) {
        do throws(UVError) {
            let loop = try Loop()
            let worker = try Worker(loop: loop, parts: parts)
            let receiver = Async<Command>(on: loop) { command in
                switch command {
                case .serve(let services): worker.services = services
                case .stop: worker.stop {}
                case .closeAll: worker.closeAll()
                }
            }
            defer { receiver.close() }
            do throws(UVError) {
                let listener = try TCP.sharingPort(of: address, on: loop)
                try worker.listen(on: listener)
                started.resolve(nil)
            } catch {
                started.resolve(error)
                worker.stop {}
            }
            commands.open(receiver)
            loop.run()
        } catch {
            started.resolve(error)
        }
    }

    /// Tells the worker something, from any thread, at any time.
    ///
    /// - Parameter command: what to do.
    func send(_ command: Command) { commands.send(command) }

    /// Waits for the thread's end.
    func join() { thread.join() }
}
