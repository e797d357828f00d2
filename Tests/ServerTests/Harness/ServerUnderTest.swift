internal import BlobStore
internal import Bytes
internal import Catalog
internal import Logging
@testable internal import Server
internal import TestSupport
internal import UV

/// One worker with real stores on files in memory, and its clients, all on one loop.
///
/// Server and clients take turns on the test's own thread, so that a test decides what happens
/// between two reads. What blocks runs on libuv's pool, as in the service.
final class ServerUnderTest {
    /// What a test changes about the server that it gets.
    struct Plan {
        var configure: (inout Configuration) -> Void = { _ in }
        /// Stands between the stores and the files; the same files by default.
        var wrap: (MemoryFileSystem) -> any FileSystem = { $0 }
        /// Where blobs are kept; in files by default.
        var blobs: (any BlobStore)?
        /// Whether the data has been read.
        var isReady = true
    }

    /// What did not come about in time.
    struct Overdue: Error, CustomStringConvertible {
        let description: String
    }

    static let key = "a-key-of-the-tests"
    static let dataDirectory = "/data"
    /// Made once: hashing and writing the pages takes as long as all the rest.
    private static let site = Site(docs: nil)

    let loop: Loop
    let worker: Worker
    let address: SocketAddress
    let files: MemoryFileSystem
    let services: Services
    let catalog: MemoryCatalog
    let log: LogCollector
    private let sink: LogSink
    private let ticker: Timer
    private var clients: [Client] = []

    /// Runs a test with a server of its own, and requires that nothing of it is left behind: no
    /// handle, no descriptor, no temporary file.
    static func run(
        _ plan: Plan = Plan(),
        _ body: (ServerUnderTest) throws -> Void
    ) throws {
        let files = try makeFiles()
        try withLoop { loop in
            let server = try ServerUnderTest(plan, files, on: loop)
            defer { server.end() }
            try body(server)
        }
        try requireNothingLeft(in: files)
    }

    /// Makes files in memory, with a data directory.
    static func makeFiles() throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.makeDirectory(dataDirectory, permissions: 0o700)
        return files
    }

    /// Requires that a server that has ended let go of its files.
    static func requireNothingLeft(in files: MemoryFileSystem) throws {
        guard files.openFileCount == 0 else {
            throw Overdue(description: "\(files.openFileCount) descriptors were never closed")
        }
        let left = try files.list(BlobLayout(dataDirectory: dataDirectory).incomingDirectory)
        guard left.isEmpty else { throw Overdue(description: "left in incoming/: \(left)") }
    }

    /// Runs a test with a server whose settings it changes.
    static func run(
        configure: @escaping (inout Configuration) -> Void,
        _ body: (ServerUnderTest) throws -> Void
    ) throws {
        try run(Plan(configure: configure), body)
    }

    /// Makes a server on a loop; whoever does not use `run` ends it.
    init(_ plan: Plan, _ files: MemoryFileSystem, on loop: Loop) throws {
        self.loop = loop
        self.files = files
        var configuration = try Configuration.read(environment: [
            "API_KEY": Self.key, "WORKERS": "1", "LOG_LEVEL": "info",
        ])
        plan.configure(&configuration)
        log = LogCollector()
        sink = try LogSink(format: .text, output: log.output)
        let fileSystem = plan.wrap(files)
        catalog = try MemoryCatalog(path: Self.dataDirectory, fileSystem: fileSystem) {
            wallClock().seconds
        }
        // Made in any case, for the directories that the check at the end looks into.
        let memory = LargeMemory()
        let blobs = try FileBlobStore(
            dataDirectory: Self.dataDirectory,
            fileSystem: fileSystem,
            memory: memory
        ) { _ in }
        services = Services(blobs: plan.blobs ?? blobs, catalog: catalog)
        if plan.blobs != nil { blobs.close() }
        let metrics = Metrics(workerCount: 1, version: "0")
        worker = try Worker(
            loop: loop,
            parts: Worker.Parts(
                configuration: configuration,
                shared: SharedState(
                    connectionCountMax: configuration.connectionCountMax,
                    uploadCountMax: configuration.uploadCountMax,
                    memory: memory
                ),
                metrics: metrics.workers[0],
                allMetrics: metrics,
                log: .service(label: "test", configuration: configuration, sink: sink),
                accessLog: AccessLog(format: .text, sink: sink),
                site: Self.site,
                cacheBudgetBytes: configuration.cacheSize.bytes
            )
        )
        ticker = try Timer(on: loop)
        let listener = try TCP(on: loop)
        try listener.bind(to: SocketAddress(host: "127.0.0.1", port: 0))
        try worker.listen(on: listener)
        guard let address = listener.localAddress else { throw UVError.notFound }
        self.address = address
        if plan.isReady {
            worker.services = services
            worker.shared.phase = .ready
        }
    }

    /// Ends it; the loop has to run dry afterwards.
    func end() {
        files.releaseHold()
        for client in clients { client.close() }
        clients = []
        ticker.close()
        worker.closeAll()
        worker.stop {}
        loop.run()
        catalog.close(on: loop) { _ in }
        loop.run()
        services.blobs.close()
        sink.flush()
    }

    /// Lets the loop run until something is so.
    ///
    /// Looks after each event of a client, and every millisecond for what only the server knows.
    func run(until what: String, limitSeconds: Int = 30, _ isSo: () -> Bool) throws {
        let start = ContinuousClock.now
        ticker.start(afterMilliseconds: 1, repeatMilliseconds: 1) { [loop] in loop.stop() }
        defer { ticker.stop() }
        while !isSo() {
            guard start.duration(to: .now) < .seconds(limitSeconds) else {
                throw Overdue(description: "\(limitSeconds) s have passed, but not: \(what)")
            }
            loop.run()
        }
    }

    /// Makes a client, which begins to connect.
    func connect() throws -> Client {
        let client = try Client(of: self)
        clients.append(client)
        return client
    }

    /// The connections that the server has, when there is just one.
    var connection: Connection? {
        worker.connections.count == 1 ? worker.connections.values.first : nil
    }

    /// Makes a link that is valid for some seconds, or has expired so many ago.
    func makeLink(expiresIn seconds: Int64 = 600) throws -> LinkID {
        let link = UploadLink(id: .random(), expiresAt: wallClock().seconds + seconds)
        var result: Result<Void, CatalogError>?
        catalog.addLink(link, on: loop) { result = $0 }
        try run(until: "a link is kept") { result != nil }
        try result?.get()
        return link.id
    }

    /// Sends requests through a connection of their own, and waits for as many responses.
    func responses(to bytes: [UInt8], count: Int, heads: Set<Int> = []) throws -> [Received] {
        let client = try connect()
        client.headRequests = heads
        client.send(bytes)
        defer { client.close() }
        return try client.responses(count)
    }

    /// Sends a request, and waits for the response.
    func response(to text: String) throws -> Received {
        let isHead = text.hasPrefix("HEAD ")
        let all = try responses(to: Array(text.utf8), count: 1, heads: isHead ? [0] : [])
        return all[0]
    }

    /// Uploads files through a link of their own, and waits for the answer.
    func upload(_ form: Form) throws -> Received {
        try responses(to: form.request(to: try makeLink()), count: 1)[0]
    }

    /// Keeps an image, and gives its id.
    func keep(_ image: [UInt8]) throws -> BlobID {
        let answer = try upload(Form(files: [("kept.gif", image)]))
        guard answer.status == 200, let id = BlobID(hex: String(answer.text.suffix(66).prefix(64)))
        else {
            throw Overdue(description: "the upload was answered with \(answer.text)")
        }
        return id
    }
}
