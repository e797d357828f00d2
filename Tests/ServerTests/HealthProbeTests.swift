internal import Bytes
internal import Server
internal import Testing
internal import UV

/// A server on a thread of its own that gives one fixed answer, in given pieces, to one connection.
private struct OneAnswer: Sendable {
    let port: UInt16
    private let thread: Thread
    private let received: Received

    private final class Received: Sendable {
        let text = Lock("")
    }

    // `pieces` are written once the whole request is there, one write each; then the connection is
    // ended, or with `closes` false when the client ends it.
    init(_ pieces: [String], closes: Bool = true) async throws {
        let received = Received()
        let (ports, continuation) = AsyncStream.makeStream(of: UInt16.self)
        let thread = try Thread(name: "one answer") {
            defer { continuation.finish() }
            do {
                try Self.serve(pieces, closes: closes, received) { continuation.yield($0) }
            } catch {
                Issue.record("\(error)")
            }
        }
        var iterator = ports.makeAsyncIterator()
        port = try #require(await iterator.next())
        self.thread = thread
        self.received = received
    }

    /// What the client sent; waits for the server's end.
    func request() -> String {
        thread.join()
        return received.text.withLock { $0 }
    }

    private static func serve(
        _ pieces: [String],
        closes: Bool,
        _ received: Received,
        whenListening: (UInt16) -> Void
    ) throws {
        let loop = try Loop()
        let listener = try TCP(on: loop)
        try listener.bind(to: SocketAddress(host: "127.0.0.1", port: 0))
        try listener.listen(backlog: 1) { _ in
            do {
                let socket = try TCP(on: loop)
                try listener.accept(into: socket)
                listener.close()
                try answer(socket, pieces, closes: closes, received)
            } catch {
                Issue.record("\(error)")
            }
        }
        whenListening(listener.localAddress?.port ?? 0)
        loop.run()
    }

    private static func answer(
        _ socket: TCP,
        _ pieces: [String],
        closes: Bool,
        _ received: Received
    ) throws {
        let buffer = Buffer(capacity: 4_096)
        try socket.startReading {
            OutputChunk(buffer, 0..<buffer.capacity)
        } onRead: { event in
            guard case .bytes(let buffer, let range) = event else { return socket.close() }
            let text = String(decoding: buffer.span.copy(range), as: UTF8.self)
            let isWhole = received.text.withLock { whole in
                whole += text
                return whole.hasSuffix("\r\n\r\n")
            }
            guard isWhole else { return }
            for piece in pieces { socket.write([OutputChunk(Array(piece.utf8))]) { _ in } }
            if closes { socket.shutdown { _ in socket.close() } }
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(10))) struct HealthProbeTests {
    private func verdict(
        _ server: OneAnswer,
        timeoutMilliseconds: UInt64 = 10_000
    ) throws -> HealthProbe.Verdict {
        let url = try #require(HealthURL("http://127.0.0.1:\(server.port)/healthz"))
        return try HealthProbe.run(url, timeoutMilliseconds: timeoutMilliseconds)
    }

    @Test func `an answer of 200 is healthy, and the request is plain HTTP`() async throws {
        let server = try await OneAnswer(["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
        #expect(try verdict(server) == .healthy)
        #expect(
            server.request()
                == "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
                + "Connection: close\r\n\r\n"
        )
    }

    @Test(arguments: ["HTTP/1.1 204 \r\n", "HTTP/1.0 299 x\n"])
    func `any status of the two hundreds is healthy`(answer: String) async throws {
        let server = try await OneAnswer(answer.map(String.init))
        #expect(try verdict(server) == .healthy)
        _ = server.request()
    }

    @Test(
        arguments: [
            ("HTTP/1.1 503 Service Unavailable\r\n", "status 503"),
            ("HTTP/1.1 300 x\r\n", "status 300"), ("HTTP/1.1 2000\n", "not HTTP"),
            ("HTTP/2 200 OK\r\n", "not HTTP"), ("HTTP/1.1 2x0 OK\r\n", "not HTTP"),
            ("hello\n", "not HTTP"), ("\n", "not HTTP"), ("HTTP/1.1 200 OK", "ended before"),
            ("", "ended before"),
        ] as [(String, String)]
    )
    func `another answer is judged by its status line`(answer: String, reason: String) async throws
    {
        let server = try await OneAnswer([answer].filter { !$0.isEmpty })
        guard case .unhealthy(let said) = try verdict(server) else {
            Issue.record("was healthy")
            return
        }
        #expect(said.contains(reason))
        _ = server.request()
    }

    @Test func `a server that says nothing is unhealthy when the time is over`() async throws {
        let server = try await OneAnswer([], closes: false)
        #expect(
            try verdict(server, timeoutMilliseconds: 50) == .unhealthy("no answer within 50 ms")
        )
        _ = server.request()
    }

    @Test func `an answer without an end is given up at the limit`() async throws {
        let server = try await OneAnswer([String(repeating: "H", count: 1_024)], closes: false)
        #expect(try verdict(server) == .unhealthy("the answer is not HTTP"))
        _ = server.request()
    }

    @Test func `a port where nobody listens is unhealthy`() async throws {
        // The server that had this port is gone.
        let server = try await OneAnswer(["HTTP/1.1 200 OK\r\n"])
        _ = try verdict(server)
        _ = server.request()
        guard case .unhealthy(let said) = try verdict(server) else {
            Issue.record("was healthy")
            return
        }
        #expect(said.contains("ECONNREFUSED"))
    }
}
