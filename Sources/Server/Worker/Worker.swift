internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import Logging
internal import UV

/// One loop with all that lives on it: its listener, connections, buffers and hot images.
///
/// Workers share nothing but the stores, `SharedState` and the log, each of which may be used from
/// any thread. Everything else here is touched by the loop's thread only.
final class Worker {
    let loop: Loop
    let configuration: Configuration
    let shared: SharedState
    /// This worker's own counters.
    let metrics: WorkerMetrics
    /// The counters of all workers, for whoever asks for them.
    let allMetrics: Metrics
    let log: Logger
    /// `nil` when lines of that importance are not wanted.
    let accessLog: AccessLog?
    /// The page and the docs.
    let site: Site
    let output = OutputBatch()
    let bufferPool: BufferPool
    let pieceMemory: PieceMemory
    let uploadTurns = UploadTurns()
    let cache: ImageCache
    var clock = WorkerClock()
    let readiness = ReadinessCheck()
    /// The stores, once the data has been read.
    var services: Services?
    /// Scratch for response heads, kept so that its memory is.
    var headBytes: [UInt8] = []

    /// The date, and names for requests that have none of their own.
    var headEnd = HeadEnd()
    /// What was counted of hot images in this turn of the loop.
    var turn = HotImageCounts()
    var keyThrottle = KeyThrottle()
    var lateRefusals = LateRefusals()
    /// Lines of the access log of this turn.
    var accessLines: [UInt8] = []
    private var readBuffer: Buffer
    private(set) var connections: [ObjectIdentifier: Connection] = [:]
    private(set) var listener: TCP?
    private let sweep: Timer
    private let acceptPause: Timer
    private var acceptedInTurn = 0
    private var isSweeping = false
    private var knownShortageCount = 0
    private var stopped: (() -> Void)?

    /// Bytes of one read: large enough that a large upload costs few system calls and wake-ups,
    /// small enough that many uploads at once fit into memory.
    static let bufferBytes = 256 << 10
    /// Unused buffers that are kept, 16 MiB of them: one for each of many uploads at once, because
    /// a fresh one costs more than receiving a small image into it.
    static let keptBufferCount = 64
    /// How often deadlines are looked at, in milliseconds.
    ///
    /// Timeouts are whole seconds.
    static let sweepMilliseconds: UInt64 = 250

    /// Makes a worker; it serves nothing yet.
    ///
    /// - Parameters:
    ///   - loop: its loop.
    ///   - parts: what it shares with the others, and its own counters.
    /// - Throws: what libuv answered.
    init(loop: Loop, parts: Parts) throws(UVError) {
        self.loop = loop
        configuration = parts.configuration
        shared = parts.shared
        metrics = parts.metrics
        allMetrics = parts.allMetrics
        log = parts.log
        accessLog = parts.accessLog
        site = parts.site
        bufferPool = BufferPool(
            capacity: Self.bufferBytes,
            limit: Self.keptBufferCount,
            memory: parts.shared.memory
        )
        pieceMemory = PieceMemory(pool: bufferPool)
        readBuffer = Buffer(capacity: Self.bufferBytes)
        cache = ImageCache(budgetBytes: parts.cacheBudgetBytes)
        sweep = try Timer(on: loop)
        do throws(UVError) {
            acceptPause = try Timer(on: loop)
        } catch {
            sweep.close()
            throw error
        }
        bufferPool.giveBackOther = { [unowned self] in giveBackMemory() }
    }

    /// What a worker is made of besides its loop.
    struct Parts: Sendable {
        var configuration: Configuration
        var shared: SharedState
        var metrics: WorkerMetrics
        var allMetrics: Metrics
        var log: Logger
        var accessLog: AccessLog?
        var site: Site
        var cacheBudgetBytes: Int
    }

    // MARK: Connections

    /// Connections that the kernel may queue while the loop is busy; it takes at most `somaxconn`
    /// (4,096 on Linux), which is what nginx and others ask for in effect.
    private static let backlog = 4_096

    /// Starts to accept connections.
    ///
    /// - Parameter listener: a bound socket of this loop.
    /// - Throws: what `listen` answered.
    func listen(on listener: TCP) throws(UVError) {
        self.listener = listener
        loop.beforeWaiting = { [self] in
            turnEnded()
            uploadTurns.callNext()
        }
        try listener.listen(backlog: Self.backlog) { [unowned self] error in
            if let error {
                log.warning("a connection could not be accepted: \(error)")
                pauseAccepting()
            } else {
                acceptInTurn(from: listener)
            }
        }
    }

    /// Takes a connection now, or in the next turn when this one has taken enough.
    ///
    /// libuv takes no further one until then; left to itself it would take all that wait before it
    /// looks at anything else, and a flood of them would hold up everybody who is connected.
    private func acceptInTurn(from listener: TCP) {
        guard acceptedInTurn >= Self.acceptsPerTurn else {
            acceptedInTurn += 1
            accept(from: listener)
            return
        }
        loop.enqueue { [weak self] in
            guard let self, self.listener === listener else { return }
            acceptedInTurn = 1
            accept(from: listener)
        }
    }

    /// Connections that are taken before others are served: some 2 ms.
    static let acceptsPerTurn = 64

    /// Stops listening for a moment.
    ///
    /// Out of descriptors, libuv 1.44.2 tries again and again without ever coming back to the loop.
    /// The other workers' listeners, or the clients' next try, get the connections meanwhile.
    private func pauseAccepting() {
        guard let address = listener?.localAddress else { return }
        listener?.close()
        listener = nil
        acceptPause.start(afterMilliseconds: Self.acceptPauseMilliseconds) { [unowned self] in
            resumeAccepting(at: address)
        }
    }

    private func resumeAccepting(at address: SocketAddress) {
        guard !isStopping else { return }
        do throws(UVError) {
            try listen(on: try TCP.sharingPort(of: address, on: loop))
        } catch {
            listener?.close()
            listener = nil
            acceptPause.start(afterMilliseconds: Self.acceptPauseMilliseconds) { [unowned self] in
                resumeAccepting(at: address)
            }
        }
    }

    /// How long a worker without descriptors waits for some to come free.
    private static let acceptPauseMilliseconds: UInt64 = 500

    /// Notes that others were served.
    func turnOfAcceptingEnded() { acceptedInTurn = 0 }

    /// Takes the connection that libuv holds ready.
    ///
    /// One that cannot be taken may stay with libuv, which then offers no other: the listener has
    /// to go, now as in the turn after.
    ///
    /// - Parameter listener: where it came in.
    func accept(from listener: TCP) {
        let tcp: TCP
        do throws(UVError) {
            tcp = try TCP(on: loop)
        } catch {
            log.error("no handle for a connection: \(error)")
            pauseAccepting()
            return
        }
        do throws(UVError) {
            try listener.accept(into: tcp)
        } catch {
            log.warning("a connection could not be accepted: \(error)")
            tcp.close()
            pauseAccepting()
            return
        }
        let isWithinLimit = shared.connectionOpened()
        let timeouts = configuration.connectionTimeouts
        let connection = Connection(
            tcp,
            worker: self,
            timeouts: isWithinLimit ? timeouts : timeouts.forTurningAway
        )
        connections[ObjectIdentifier(connection)] = connection
        startSweeping()
        metrics.connectionOpened()
        connection.start()
        if !isWithinLimit { connection.breakOff(.tooManyConnections) }
    }

    /// Forgets a connection whose handle is closed.
    ///
    /// - Parameter connection: the connection.
    func connectionClosed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        shared.connectionClosed()
        metrics.connectionClosed()
        guard connections.isEmpty else { return }
        sweep.stop()
        isSweeping = false
        // Whoever waited for a refusal has left; nobody would look at these any more.
        lateRefusals = LateRefusals()
        finishStopping()
    }

    // MARK: Memory

    /// Bytes of one read outside of a body: what a client pipelines and has to wait is kept, so
    /// that this bounds what each of them may make us keep.
    ///
    /// A hundred pipelined requests fit.
    static let headReadBytes = 16 << 10

    /// The memory that the next read of any connection fills.
    var readMemory: OutputChunk { OutputChunk(readBuffer, 0..<Self.headReadBytes) }

    /// Lets somebody keep a buffer that was just read into.
    ///
    /// - Parameter buffer: the buffer; when it is the shared one, another takes its place.
    /// - Returns: false when there is no memory for another, and it stays the loop's.
    func keepReadMemory(_ buffer: Buffer) -> Bool {
        guard buffer === readBuffer else { return true }
        guard let next = bufferPool.take() else { return false }
        readBuffer = next
        return true
    }

    /// Gives back to the system what is kept for speed alone.
    private func giveBackMemory() {
        knownShortageCount = shared.memory.shortageCount
        cache.removeAll()
        bufferPool.removeAll()
        metrics.cacheResized(bytes: cache.usedBytes)
    }

    /// Gives memory back when another loop, or anything else, went short of it.
    private func giveBackAfterShortage() {
        if shared.memory.shortageCount != knownShortageCount { giveBackMemory() }
    }

    /// Whether what an upload needs first can be had now.
    var hasMemoryForUploads: Bool {
        guard shared.memory.isAmple, let buffer = bufferPool.take() else { return false }
        bufferPool.recycle(buffer)
        return true
    }

    // MARK: Time

    private func startSweeping() {
        guard !isSweeping else { return }
        isSweeping = true
        let period = Self.sweepMilliseconds
        sweep.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in
            // A copy, because a connection that is closed leaves the dictionary.
            for connection in Array(connections.values) { connection.checkDeadlines() }
            giveBackAfterShortage()
            for late in lateRefusals.takeDue(now: loop.now) { late.exchange.respond(late.problem) }
        }
    }

    // MARK: The end

    /// Whether the server is shutting down.
    var isStopping: Bool { shared.phase == .stopping }

    /// Accepts nothing more, lets what is under way finish, and then lets the loop end.
    ///
    /// - Parameter completion: called when the last connection is gone.
    func stop(completion: @escaping () -> Void) {
        stopped = completion
        listener?.close()
        listener = nil
        for connection in Array(connections.values) { connection.shutDown() }
        finishStopping()
    }

    /// Ends what is still under way.
    func closeAll() {
        for connection in Array(connections.values) { connection.close() }
    }

    private func finishStopping() {
        guard connections.isEmpty, let last = stopped.take() else { return }
        sweep.close()
        acceptPause.close()
        turnEnded()
        loop.beforeWaiting = nil
        last()
    }

    /// Names a request.
    ///
    /// - Parameter head: its head; a name in it that is fit to be echoed is taken.
    /// - Returns: the name, in visible ASCII.
    func requestID(for head: RequestHead) -> [UInt8] {
        let echoed = head.fields.withFirst(.xRequestID) { value in
            RequestIDGenerator.accepts(value) ? value.copy() : nil
        }
        return (echoed ?? nil) ?? headEnd.nextRequestID()
    }

    /// Makes a name for a request that has no usable head.
    ///
    /// - Returns: visible ASCII.
    func newRequestID() -> [UInt8] { headEnd.nextRequestID() }
}

/// The stores that endpoints work with.
struct Services: Sendable {
    /// The images' bytes.
    var blobs: any BlobStore
    /// What is known of images and links.
    var catalog: any Catalog
}
