internal import Bytes
internal import Catalog
internal import HTTP1
@testable internal import Server
internal import Testing

/// How a worker ends.
@Suite(.timeLimit(.minutes(10))) struct ShutdownTests {
    private let health = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"

    private func stop(_ server: ServerUnderTest) {
        server.worker.shared.phase = .stopping
        server.worker.stop {}
    }

    @Test func `idle connections are closed, and nobody new is let in`() throws {
        try ServerUnderTest.run { server in
            let idle = try server.connect()
            idle.send(health)
            #expect(try idle.responses(1)[0].status == 200)
            stop(server)
            #expect(try idle.waitForEnd() == .endOfStream)
            let late = try server.connect()
            #expect(try late.waitForEnd() != .endOfStream)
        }
    }

    @Test func `an upload under way is finished and told that the connection ends`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 500_000))])
            let request = form.request(to: try server.makeLink())
            let client = try server.connect()
            client.send(Array(request.prefix(300_000)))
            try server.run(until: "it is under way") { server.worker.shared.uploadsUnderWay == 1 }
            stop(server)
            client.send(Array(request.dropFirst(300_000)))
            let answer = try client.responses(1)[0]
            #expect(answer.status == 200)
            #expect(answer["connection"] == "close")
            #expect(try client.waitForEnd() == .endOfStream)
            #expect(server.catalog.images.count == 1)
        }
    }

    @Test func `an upload that begins now is refused with 503, and reads still work`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif())])
            let request = form.request(to: try server.makeLink())
            let id = try server.keep(Picture.gif())
            let heads = [
                request, Array("GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n".utf8),
                Array("GET /api/images/\(id.hex) HTTP/1.1\r\nHost: t\r\n\r\n".utf8),
            ]
            let clients = try heads.map { head in
                let client = try server.connect()
                client.send(Array(head.prefix(10)))
                return client
            }
            try server.run(until: "all have begun") {
                server.worker.connections.values.count { !$0.parser.isBetweenRequests } == 3
            }
            stop(server)
            for (client, head) in zip(clients, heads) { client.send(Array(head.dropFirst(10))) }
            let answers = try clients.map { try $0.responses(1)[0] }
            #expect(answers.map(\.status) == [503, 503, 200])
            #expect(answers.map(\.code) == ["shutting_down", "shutting_down", nil])
            #expect(answers.allSatisfy { $0["connection"] == "close" })
        }
    }

    @Test func `an answer that the client has not taken yet still goes out`() throws {
        try ServerUnderTest.run { server in
            // Kept in memory, so that the answer is complete long before it is taken.
            let image = Picture.gif(sizeBytes: 900_000)
            let id = try server.keep(image)
            let client = try server.connect()
            let get = Array("GET /api/images/\(id.hex) HTTP/1.1\r\nHost: t\r\n\r\n".utf8)
            client.send(get)
            #expect(try client.responses(1)[0].status == 200)
            client.pause()
            // In one piece, so that the server has read all of it when it ends the connection.
            client.send((0..<40).flatMap { (_: Int) -> [UInt8] in get })
            try server.run(until: "the socket is full") {
                server.connection?.state.hasUnwritten == true
            }
            #expect(server.connection.map { $0.exchange == nil } == true)
            stop(server)
            try client.resume()
            #expect(try client.waitForEnd() != nil)
            #expect(client.rest.isEmpty, "an answer was cut")
            #expect(client.responses.allSatisfy { $0.content == image })
        }
    }

    @Test func `whoever does not end in time is cut off, and nothing of it is kept`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 500_000))])
            let client = try server.connect()
            client.send(Array(form.request(to: try server.makeLink()).dropLast()))
            try server.run(until: "it is under way") { server.worker.shared.uploadsUnderWay == 1 }
            stop(server)
            server.worker.closeAll()
            #expect(try client.waitForEnd() != nil)
            #expect(client.received.isEmpty)
            #expect(server.catalog.images.count == 0)
        }
    }
}
