internal import Bytes
internal import UV

/// A client that sends and reads raw bytes, on the loop of the server it talks to.
final class Client {
    /// How its connection has ended.
    enum Ending: Equatable {
        case endOfStream
        case failed(UVError)
    }

    private let tcp: TCP
    private unowned let server: ServerUnderTest
    private var waiting: [[UInt8]] = []
    private var isConnected = false
    private var isClosed = false
    private(set) var received: [UInt8] = []
    private var parsedBytes = 0
    private var parsed: [Received] = []
    private(set) var ending: Ending?
    /// The numbers of the responses to HEAD, which have no content.
    var headRequests: Set<Int> = []
    /// Whether it takes what the server sends.
    private(set) var isReading = true

    init(of server: ServerUnderTest) throws(UVError) {
        self.server = server
        tcp = try TCP(on: server.loop)
        tcp.disableDelay()
        tcp.connect(to: server.address) { [self] error in
            if let error {
                ended(.failed(error))
            } else {
                connected()
            }
        }
    }

    private func connected() {
        isConnected = true
        guard !isClosed else { return }
        let buffer = Buffer(capacity: 64 << 10)
        do throws(UVError) {
            try tcp.startReading(
                into: { OutputChunk(buffer, 0..<buffer.capacity) },
                onRead: { [unowned self] event in readEnded(event) }
            )
        } catch {
            ended(.failed(error))
        }
        if !isReading { tcp.stopReading() }
        for bytes in waiting { write(bytes) }
        waiting = []
        server.loop.stop()
    }

    private func readEnded(_ event: TCP.ReadEvent) {
        switch event {
        case .bytes(let buffer, let range): received.append(buffer.span.extracting(range))
        case .endOfStream: ending = .endOfStream
        case .failed(let error): ended(.failed(error))
        }
        server.loop.stop()
    }

    private func ended(_ how: Ending) {
        ending = how
        server.loop.stop()
    }

    // MARK: Sending

    /// Bytes that the system has not taken yet.
    var unsentBytes: Int { isConnected ? tcp.writeQueueSize : waiting.reduce(0) { $0 + $1.count } }

    func send(_ bytes: [UInt8]) {
        if isConnected { write(bytes) } else { waiting.append(bytes) }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends pieces such that the server reads each of them before the next one is there.
    ///
    /// Whatever is enqueued runs once before each time the loop waits for events, and a byte that
    /// is written to this machine is an event at once.
    func send(_ bytes: [UInt8], cutAt cut: [Range<Int>]) throws {
        try server.run(until: "connected") { isConnected || ending != nil }
        for range in cut {
            send(Array(bytes[range]))
            var turns = 0
            while turns < 2 {
                server.loop.enqueue { [server] in
                    turns += 1
                    server.loop.stop()
                }
                server.loop.run()
            }
        }
    }

    private func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isClosed else { return }
        tcp.write([OutputChunk(bytes)]) { [server] _ in server.loop.stop() }
    }

    /// Ends its side of the connection, behind what it has sent.
    func finishSending() throws {
        try server.run(until: "connected") { isConnected || ending != nil }
        tcp.shutdown { _ in }
    }

    // MARK: Reading

    func pause() {
        isReading = false
        if isConnected { tcp.stopReading() }
    }

    func resume() throws {
        isReading = true
        if isConnected { try tcp.resumeReading() }
    }

    /// What has come so far, as responses.
    var responses: [Received] {
        while let (response, length) = Received.parse(
            received[parsedBytes...],
            isHead: headRequests.contains(parsed.count)
        ) {
            parsed.append(response)
            parsedBytes += length
        }
        return parsed
    }

    /// What has come behind the last whole response.
    var rest: [UInt8] {
        _ = responses
        return Array(received[parsedBytes...])
    }

    /// Waits for some number of responses, those of `100 Continue` included.
    func responses(_ count: Int) throws -> [Received] {
        try server.run(until: "\(count) responses") { responses.count >= count || ending != nil }
        guard responses.count >= count else {
            let text = String(decoding: received.prefix(2_000), as: UTF8.self)
            throw ServerUnderTest.Overdue(
                description: "\(count) responses were expected, then \(ending as Any): \(text)"
            )
        }
        return responses
    }

    /// Waits for the end of the connection.
    func waitForEnd() throws -> Ending? {
        try server.run(until: "the connection ends") { ending != nil }
        return ending
    }

    func close() {
        isClosed = true
        tcp.close()
    }

    /// Goes without a word: the server gets a reset.
    func vanish() {
        isClosed = true
        tcp.reset()
    }
}
