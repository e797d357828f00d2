internal import BlobStore
internal import Bytes
internal import Catalog
internal import Logging
internal import UV

/// Starts the workers, reads the data, and ends everything in order.
///
/// Lives on the main thread.
///
/// ```
/// listening ─▶ reading the data ─▶ ready ─signal─▶ stopping ─▶ workers ended ─▶ stores closed
///     │               │                                │
///     └── refused ────┴─ damaged: the error is thrown ─┘ SHUTDOWN_TIMEOUT: connections closed
/// ```
/// It listens before it reads the data, so that health and readiness are answered from the start.
final class Supervisor {
    private let configuration: Configuration
    private let loop: Loop
    private let shared: SharedState
    private let metrics: Metrics
    private let sink: LogSink
    private let log: Logger
    private var signals: [Signal] = []
    private let snapshotTimer: Timer
    private let shutdownTimer: Timer
    private var workers: [WorkerThread] = []
    private var runningWorkerCount = 0
    private var directory: DataDirectory?
    private var stores: OpenStores?
    private var scrub: BackgroundScrub?
    private var failure: ServerError?
    private var isStopping = false

    /// Makes what does not need the network or the disk.
    ///
    /// - Parameter configuration: the settings.
    /// - Throws: what libuv answered.
    init(_ configuration: Configuration) throws(UVError) {
        self.configuration = configuration
        loop = try Loop()
        shared = SharedState(
            connectionCountMax: configuration.connectionCountMax,
            uploadCountMax: configuration.uploadCountMax
        )
        metrics = Metrics(workerCount: configuration.workerCount)
        sink = try LogSink(format: configuration.logFormat)
        log = .service(label: "image-service", configuration: configuration, sink: sink)
        snapshotTimer = try Timer(on: loop)
        shutdownTimer = try Timer(on: loop)
    }

    /// Serves until the end.
    ///
    /// - Throws: `ServerError`, when it could not start.
    func run() throws(ServerError) {
        do throws(ServerError) {
            directory = try DataDirectory(configuration.dataDirectory)
            let address = try probe()
            try watchSignals()
            startWorkers(at: address)
        } catch {
            fail(error)
        }
        loop.run()
        for worker in workers { worker.join() }
        directory?.close()
        sink.flush()
        if let failure { throw failure }
    }

    // MARK: Starting

    /// Finds the port, and makes sure that nobody else listens on it: sockets that share a port
    /// would not notice a second server of the same user.
    private func probe() throws(ServerError) -> SocketAddress {
        do throws(UVError) {
            let wanted = try SocketAddress(host: configuration.host, port: configuration.port)
            let socket = try TCP(on: loop)
            defer { socket.close() }
            try socket.bind(to: wanted)
            try socket.listen(backlog: 1) { _ in }
            let port = socket.localAddress?.port ?? configuration.port
            return try SocketAddress(host: configuration.host, port: port)
        } catch {
            throw ServerError(
                .address,
                "cannot listen on \(configuration.host) port \(configuration.port) (\(error)): "
                    + "set HOST and PORT to a free address of this machine"
            )
        }
    }

    private func watchSignals() throws(ServerError) {
        do throws(UVError) {
            for name in [Signal.Name.terminate, .interrupt] {
                let signal = try Signal(on: loop)
                signals.append(signal)
                try signal.start(name) { [unowned self] in signalled() }
            }
        } catch {
            throw ServerError(.system, "signals cannot be watched: \(error)")
        }
    }

    private func startWorkers(at address: SocketAddress) {
        let count = configuration.workerCount
        let accessLog =
            configuration.logLevel <= .info
            ? AccessLog(format: configuration.logFormat, sink: sink) : nil
        let site = makeSite()
        var listeningCount = 0
        for index in 0..<count {
            let parts = Worker.Parts(
                configuration: configuration,
                shared: shared,
                metrics: metrics.workers[index],
                allMetrics: metrics,
                log: log,
                accessLog: accessLog,
                site: site,
                cacheBudgetBytes: configuration.cacheSize.bytes / count
            )
            runningWorkerCount += 1
            let started = loop.completion { [unowned self] (error: UVError?) in
                if let error {
                    fail(ServerError(.address, "cannot listen on \(address): \(error)"))
                    return
                }
                listeningCount += 1
                if listeningCount == count { listening(at: address) }
            }
            let ended = loop.completion { [unowned self] (_: Void) in workerEnded() }
            do throws(UVError) {
                workers.append(
                    try WorkerThread(index, parts, address, started: started, ended: ended)
                )
            } catch {
                started.resolve(error)
                ended.resolve(())
            }
        }
    }

    /// Reads what the docs page needs; without it that page says how to get it.
    private func makeSite() -> Site {
        do throws(DocsFilesError) {
            return Site(docs: try DocsFiles(directory: configuration.docsDirectory))
        } catch {
            log.info("/docs shows the API document as text only: \(error)")
            return Site(docs: nil)
        }
    }

    private func listening(at address: SocketAddress) {
        log.notice("listening on http://\(address)")
        readData()
    }

    private func readData() {
        guard let directory else { return }
        let (log, memory) = (log, shared.memory)
        loop.work { () -> Result<OpenStores, ServerError> in
            do throws(ServerError) {
                return .success(try directory.openStores(memory: memory) { log.notice("\($0)") })
            } catch {
                return .failure(error)
            }
        } completion: { [self] result in
            switch result {
            case .failure(let error): fail(error)
            case .success(let stores): ready(stores)
            }
        }
    }

    private func ready(_ stores: OpenStores) {
        self.stores = stores
        guard !isStopping else {
            if runningWorkerCount == 0 { closeStores() }
            return
        }
        for worker in workers { worker.send(.serve(stores.services)) }
        shared.phase = .ready
        log.notice("ready", metadata: ["images": "\(stores.catalog.images.count)"])
        let period = UInt64(configuration.snapshotIntervalSeconds) * 1_000
        snapshotTimer.start(afterMilliseconds: period, repeatMilliseconds: period) {
            [unowned self] in
            writeSnapshot()
        }
        startScrub(stores)
    }

    private func startScrub(_ stores: OpenStores) {
        guard configuration.scrubIntervalSeconds > 0 else { return }
        do throws(UVError) {
            let scrub = try BackgroundScrub(
                stores,
                intervalSeconds: configuration.scrubIntervalSeconds,
                on: loop,
                metrics: metrics.scrub,
                log: log
            )
            self.scrub = scrub
            scrub.start()
        } catch {
            log.error("images are not read again in the background: \(error)")
        }
    }

    private func writeSnapshot() {
        guard shared.memory.isAmple else {
            log.warning("there is no memory to write the snapshot with; the journal goes on")
            return
        }
        stores?.catalog.snapshot(on: loop) { [unowned self] result in
            if case .failure(let error) = result {
                log.error("the snapshot was not written; the journal goes on: \(error)")
            }
        }
    }

    // MARK: Ending

    private func fail(_ error: ServerError) {
        if failure == nil { failure = error }
        stop()
    }

    private func signalled() {
        if isStopping {
            // Asked twice: no more patience.
            for worker in workers { worker.send(.closeAll) }
        } else {
            log.notice("stopping: finishing what is under way")
            stop()
        }
    }

    private func stop() {
        guard !isStopping else { return }
        isStopping = true
        shared.phase = .stopping
        snapshotTimer.close()
        scrub?.stop()
        for worker in workers { worker.send(.stop) }
        let timeout = UInt64(configuration.shutdownTimeoutSeconds) * 1_000
        shutdownTimer.start(afterMilliseconds: timeout) { [unowned self] in
            log.warning("SHUTDOWN_TIMEOUT has passed: closing what is still open")
            for worker in workers { worker.send(.closeAll) }
        }
        if runningWorkerCount == 0 { closeStores() }
    }

    private func workerEnded() {
        runningWorkerCount -= 1
        if runningWorkerCount == 0, isStopping { closeStores() }
    }

    private func closeStores() {
        shutdownTimer.close()
        for signal in signals { signal.close() }
        guard let stores = stores.take() else { return }
        stores.catalog.close(on: loop) { [unowned self] result in
            if case .failure(let error) = result { log.error("the last snapshot failed: \(error)") }
            loop.work {
                stores.blobs.close()
            } completion: { [unowned self] _ in
                log.notice("stopped")
            }
        }
    }
}
