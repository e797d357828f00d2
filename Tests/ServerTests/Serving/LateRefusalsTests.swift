internal import Bytes
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// What whoever tries keys gets, and what everybody else gets meanwhile.
@Suite(.timeLimit(.minutes(10))) struct LateRefusalsTests {
    private func stats(_ key: String) -> [UInt8] {
        Array("GET /api/stats HTTP/1.1\r\nHost: t\r\nx-api-key: \(key)\r\n\r\n".utf8)
    }

    @Test func `wrong keys are refused late from the eleventh on, right ones never wait`() throws {
        try ServerUnderTest.run { server in
            let guesser = try server.connect()
            let wrong = (1...KeyThrottle.failuresMax + 1).flatMap { stats("wrong-\($0)") }
            let started = server.loop.now
            guesser.send(wrong)
            let atOnce = try guesser.responses(KeyThrottle.failuresMax)
            #expect(atOnce.map(\.status) == [Int](repeating: 401, count: KeyThrottle.failuresMax))

            // From the same address: the right key, no key, and an image's reader.
            let key = ServerUnderTest.key
            #expect(try server.responses(to: stats(key), count: 1)[0].status == 200)
            let without = "GET /api/stats HTTP/1.1\r\nHost: t\r\n\r\n"
            #expect(try server.response(to: without).status == 401)
            let missing = "GET /api/images/none HTTP/1.1\r\nHost: t\r\n\r\n"
            #expect(try server.response(to: missing).status == 404)
            #expect(guesser.responses.count == KeyThrottle.failuresMax)

            let late = try guesser.responses(KeyThrottle.failuresMax + 1)
            #expect(late.last?.status == 401)
            #expect(late.last?.code == "unauthorized")
            #expect(server.loop.now - started >= LateRefusals.delayMilliseconds)
        }
    }

    @Test func `so many refusals wait at once, and one more is given at once`() throws {
        try ServerUnderTest.run { server in
            let client = try server.connect()
            client.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
            _ = try client.responses(1)
            let connection = try #require(server.connection)
            let exchange = server.worker.exchangeForBrokenRequest(on: connection)
            connection.exchange = exchange
            var late = LateRefusals()
            for _ in 0..<LateRefusals.countMax {
                #expect(late.add(exchange, .unauthorized, now: 10) == true)
            }
            #expect(late.add(exchange, .unauthorized, now: 10) == false)
            let due = 10 + LateRefusals.delayMilliseconds
            #expect(late.takeDue(now: due - 1).isEmpty)
            #expect(late.takeDue(now: due).count == LateRefusals.countMax)
            #expect(late.takeDue(now: due + 1).isEmpty)
        }
    }

    @Test func `a client that has left frees its place`() throws {
        try ServerUnderTest.run { server in
            let (staying, leaving) = (try server.connect(), try server.connect())
            for client in [staying, leaving] {
                client.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
                _ = try client.responses(1)
            }
            let connections = Array(server.worker.connections.values)
            let exchanges = connections.map { server.worker.exchangeForBrokenRequest(on: $0) }
            for (connection, exchange) in zip(connections, exchanges) {
                connection.exchange = exchange
            }
            var late = LateRefusals()
            for number in 0..<LateRefusals.countMax {
                let isFirst = number == LateRefusals.countMax / 2
                #expect(late.add(exchanges[isFirst ? 0 : 1], .unauthorized, now: 10) == true)
            }
            #expect(late.add(exchanges[1], .unauthorized, now: 11) == false)
            connections[0].close()
            #expect(late.add(exchanges[1], .unauthorized, now: 12) == true)
            #expect(late.add(exchanges[1], .unauthorized, now: 13) == false)
            let due = late.takeDue(now: 12 + LateRefusals.delayMilliseconds)
            #expect(due.count == LateRefusals.countMax)
            #expect(due.allSatisfy { $0.exchange === exchanges[1] })
        }
    }

    @Test func `whoever waits for 100 Continue is refused at once all the same`() throws {
        try ServerUnderTest.run { server in
            let guesser = try server.connect()
            guesser.send((1...KeyThrottle.failuresMax + 1).flatMap { stats("wrong-\($0)") })
            _ = try guesser.responses(KeyThrottle.failuresMax)
            let uploader = try server.connect()
            uploader.send(
                "POST /api/generate-upload-link HTTP/1.1\r\nHost: t\r\nx-api-key: wrong\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            )
            let refusal = try uploader.responses(1)[0]
            #expect(guesser.responses.count == KeyThrottle.failuresMax, "an earlier one waits")
            #expect(refusal.status == 401 && refusal["connection"] == "close")
            #expect(try uploader.waitForEnd() == .endOfStream)
        }
    }

    @Test func `a client that leaves while its refusal waits is forgotten`() throws {
        try ServerUnderTest.run { server in
            let client = try server.connect()
            client.send((1...KeyThrottle.failuresMax + 1).flatMap { stats("wrong-\($0)") })
            _ = try client.responses(KeyThrottle.failuresMax)
            client.vanish()
            try server.run(until: "the connection is gone") {
                server.worker.shared.openConnections == 0
            }
        }
    }
}
