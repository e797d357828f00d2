internal import Bytes
@testable internal import HTTP1
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// What a connection promises whatever is asked on it.
@Suite(.timeLimit(.minutes(10))) struct ConversationTests {
    /// Requests of every kind on one connection, the last of which ends it.
    private func conversation(_ server: ServerUnderTest) throws -> (bytes: [UInt8], heads: Set<Int>)
    {
        let link = try server.makeLink()
        let id = try server.keep(Picture.gif())
        let form = Form(files: [("kept.gif", Picture.gif())])
        var bytes: [UInt8] = []
        bytes += request("GET /healthz", id: "1")
        bytes += request("HEAD /api/images/\(id.hex)", id: "2")
        bytes += request("GET /api/images/\(id.hex)", id: "3", "Range: bytes=1-2, 5-6\r\n")
        bytes += form.request(to: link)
        bytes += form.chunkedRequest(to: link, chunkBytes: 37)
        bytes += request("GET /api/stats", id: "6", "x-api-key: \(ServerUnderTest.key)\r\n")
        bytes += request("OPTIONS *", id: "7")
        bytes += request("GET /nowhere", id: "8", "Connection: close\r\n")
        return (bytes, [1])
    }

    private let health = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"

    private func request(_ line: String, id: String, _ fields: String = "") -> [UInt8] {
        Array("\(line) HTTP/1.1\r\nHost: test\r\nX-Request-Id: \(id)\r\n\(fields)\r\n".utf8)
    }

    @Test(arguments: Chunking.allCases)
    func `a conversation has the same answers however its bytes arrive`(
        chunking: Chunking
    ) throws {
        try ServerUnderTest.run { server in
            let (bytes, heads) = try conversation(server)
            let whole = try server.responses(to: bytes, count: 8, heads: heads)
            #expect(whole.map(\.status) == [200, 200, 206, 200, 200, 200, 204, 404])
            #expect(whole.map { $0["x-request-id"] }[0...2] == ["1", "2", "3"])
            // Two thousand places to cut at take their time, a prime number of steps does not.
            let step = chunking == .everyTwoWaySplit ? 7 : 1
            let cuts = chunking.cuts(of: bytes.count)
            for number in stride(from: 0, to: cuts.count, by: step) {
                let client = try server.connect()
                client.headRequests = heads
                try client.send(bytes, cutAt: cuts[number])
                let texts = try client.responses(8).map(\.text)
                #expect(texts == whole.map(\.text), "\(chunking) \(number)")
                #expect(try client.waitForEnd() == .endOfStream)
                #expect(client.rest.isEmpty)
                client.close()
            }
        }
    }

    @Test func `a slow answer is not overtaken by a fast one that was asked for later`() throws {
        try ServerUnderTest.run(configure: { $0.cacheSize = .kibibytes(0) }) { server in
            let id = try server.keep(Picture.gif(sizeBytes: 100_000))
            let hold = server.files.hold(.open)
            let client = try server.connect()
            client.send(request("GET /api/images/\(id.hex)", id: "slow"))
            client.send(request("GET /healthz", id: "fast"))
            try server.run(until: "the file is being opened") { hold.isReached }
            #expect(client.responses.isEmpty)
            // Another connection of the same loop does not wait for it.
            #expect(try server.response(to: health).status == 200)
            hold.release()
            let answers = try client.responses(2)
            #expect(answers.map { $0["x-request-id"] } == ["slow", "fast"])
            #expect(answers[0].content == Picture.gif(sizeBytes: 100_000))
        }
    }

    @Test(
        arguments: [
            ("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n", nil, false),
            ("GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "close", true),
            ("GET /healthz HTTP/1.0\r\n\r\n", "close", true),
            ("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false),
            ("HEAD /healthz HTTP/1.0\r\n\r\n", "close", true),
        ] as [(String, String?, Bool)]
    )
    func `a connection lives as long as its client asked for`(
        request: String,
        connection: String?,
        ends: Bool
    ) throws {
        try ServerUnderTest.run { server in
            let client = try server.connect()
            client.headRequests = request.hasPrefix("HEAD") ? [0] : []
            client.send(request)
            let first = try client.responses(1)[0]
            #expect(first.status == 200)
            #expect(first["connection"] == connection)
            if ends {
                #expect(try client.waitForEnd() == .endOfStream)
                #expect(client.rest.isEmpty)
            } else {
                client.send(request)
                #expect(try client.responses(2)[1].text.hasPrefix("HTTP/1.1 200 OK"))
            }
        }
    }

    @Test func `half a close still gets every answer that was asked for`() throws {
        try ServerUnderTest.run(configure: { $0.cacheSize = .kibibytes(0) }) { server in
            let image = Picture.gif(sizeBytes: 3_000_000)
            let id = try server.keep(image)
            let client = try server.connect()
            client.send(request("GET /api/images/\(id.hex)", id: "1"))
            client.send(request("GET /api/images/\(id.hex)", id: "2"))
            try client.finishSending()
            let answers = try client.responses(2)
            #expect(answers.allSatisfy { $0.content == image })
            #expect(try client.waitForEnd() == .endOfStream)
        }
    }

    @Test func `half a close within a body is answered, not ignored`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif())])
            let client = try server.connect()
            client.send(Array(form.request(to: try server.makeLink()).dropLast(10)))
            try client.finishSending()
            let answer = try client.responses(1)[0]
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_http")
            #expect(try client.waitForEnd() == .endOfStream)
        }
    }

    @Test func `half a close within a head ends the connection without an answer`() throws {
        try ServerUnderTest.run { server in
            let client = try server.connect()
            client.send("GET /healthz HTT")
            try client.finishSending()
            #expect(try client.waitForEnd() == .endOfStream)
            #expect(client.received.isEmpty)
        }
    }

    @Test func `what cannot be read is refused after the answers before it`() throws {
        try ServerUnderTest.run { server in
            let client = try server.connect()
            client.send(request("GET /healthz", id: "1"))
            client.send("not a request\r\n\r\nGET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
            let answers = try client.responses(2)
            #expect(answers.map(\.status) == [200, 400])
            #expect(answers[1].code == "invalid_http")
            #expect(try client.waitForEnd() == .endOfStream)
            #expect(client.rest.isEmpty)
        }
    }

    @Test func `a connection keeps nothing of a long head once it is answered`() throws {
        try ServerUnderTest.run { server in
            let id = try server.keep(Picture.gif())
            let get = "GET /api/images/\(id.hex)"
            let client = try server.connect()
            client.send(request(get, id: "1"))
            #expect(try client.responses(1)[0].status == 200)
            try server.run(until: "only one is left") { server.connection != nil }
            let long = "X-A: \(String(repeating: "a", count: 30_000))\r\n"
            // The long way through an endpoint, and the short one of an image in memory.
            for (line, count) in [("GET /healthz", 2), (get, 3)] {
                client.send(request(line, id: "\(count)", long))
                #expect(try client.responses(count)[count - 1].status == 200)
                let kept = server.connection.map { $0.parser.head.fields.storage.capacity }
                #expect(kept == 0)
            }
        }
    }

    @Test(arguments: [
        ("GET /a b HTTP/1.1\r\n\r\n", "\"GET /a\" 400 "),
        ("PUT /a?b HTTP/1.1\r\nA : b\r\n\r\n", "\"PUT /a\" 400 "),
        ("GET /a HTTP/1.1\r\nA: \(String(repeating: "a", count: 40_000))", "\"GET /a\" 431 "),
        ("\u{16}\u{03}\u{01}", "\"- -\" 400 "),
        ("OPTIONS * HTTP/1.1\r\n\r\n", "\"OPTIONS *\" 400 "),
    ])
    func `a head that is refused is logged with what was read of it`(
        _ head: String,
        _ logged: String
    ) throws {
        try ServerUnderTest.run { server in
            let client = try server.connect()
            client.send(head)
            _ = try client.responses(1)
            _ = try client.waitForEnd()
            try server.run(until: "it is logged") {
                server.log.text(of: .output).contains(logged)
            }
        }
    }

    @Test func `a crowd that connects at once is let in, a few in each turn`() throws {
        try ServerUnderTest.run { server in
            let clients = try (0..<3 * Worker.acceptsPerTurn).map { _ in try server.connect() }
            for client in clients { client.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n") }
            for client in clients { #expect(try client.responses(1)[0].status == 200) }
        }
    }

    @Test func `after a connection that could not be taken others are, a moment later`() throws {
        try ServerUnderTest.run { server in
            let listener = try #require(server.worker.listener)
            // As in the turn after it came: libuv has nothing ready any more.
            server.worker.accept(from: listener)
            #expect(server.worker.listener == nil)
            try server.run(until: "it listens again") { server.worker.listener != nil }
            #expect(try server.response(to: health).status == 200)
        }
    }

    @Test func `more connections than allowed are told so, and free a place when they go`() throws {
        try ServerUnderTest.run(configure: { $0.connectionCountMax = 1 }) { server in
            let first = try server.connect()
            first.send(request("GET /healthz", id: "1"))
            #expect(try first.responses(1)[0].status == 200)
            let second = try server.connect()
            let refusal = try second.responses(1)[0]
            #expect(refusal.status == 503)
            #expect(refusal.code == "too_many_connections")
            #expect(refusal["retry-after"] == "5")
            second.close()
            first.close()
            try server.run(until: "both are gone") { server.worker.connections.isEmpty }
            #expect(try server.response(to: health).status == 200)
        }
    }
}
