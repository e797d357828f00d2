@testable internal import Server
internal import TestSupport
internal import Testing

/// How long a client may keep the server waiting.
///
/// The times are none at all, so that the first look at the deadlines finds them over; that a time
/// is kept to the millisecond is shown for `ConnectionState`, where a test moves the clock.
@Suite(.timeLimit(.minutes(10))) struct TimeoutTests {
    @Test func `half a head is answered 408 when its time is over`() throws {
        try ServerUnderTest.run(configure: { $0.headerTimeoutSeconds = 0 }) { server in
            let client = try server.connect()
            client.send("GET /healthz HTTP/1.1\r\nHos")
            let answer = try client.responses(1)[0]
            #expect(answer.status == 408)
            #expect(answer.code == "request_timeout")
            #expect(answer.text.contains("header"))
            #expect(try client.waitForEnd() == .endOfStream)
        }
    }

    @Test func `half a body is answered 408 when its time is over, and not kept`() throws {
        try ServerUnderTest.run(configure: { $0.bodyTimeoutSeconds = 0 }) { server in
            let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 400_000))])
            let client = try server.connect()
            client.send(Array(form.request(to: try server.makeLink()).dropLast(50)))
            let answer = try client.responses(1)[0]
            #expect(answer.status == 408)
            #expect(answer.text.contains("body"))
            #expect(try client.waitForEnd() == .endOfStream)
            try server.run(until: "its place is free") {
                server.worker.shared.uploadsUnderWay == 0
            }
        }
    }

    @Test func `a body that trickles gives its place back although it never stops`() throws {
        try ServerUnderTest.run(configure: {
            $0.bodyTimeoutSeconds = 1
            $0.bodyBytesPerSecondMin = 1_048_576
            $0.uploadCountMax = 1
        }) { server in
            let link = try server.makeLink()
            let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 400_000))])
            let slow = try server.connect()
            slow.send(Array(form.request(to: link).prefix(600)))
            try server.run(until: "it has the only place") {
                server.worker.shared.uploadsUnderWay == 1
            }
            #expect(try server.responses(to: form.request(to: link), count: 1)[0].status == 503)
            // A byte each time that the loop comes round: no pause is long enough for BODY_TIMEOUT.
            try server.run(until: "it is refused") {
                slow.send([0])
                return !slow.responses.isEmpty
            }
            #expect(slow.responses[0].status == 408)
            #expect(slow.responses[0].text.contains("too slowly"))
            #expect(try server.responses(to: form.request(to: link), count: 1)[0].status == 200)
        }
    }

    @Test func `the time that the disk takes is not the client's`() throws {
        try ServerUnderTest.run(configure: { $0.bodyTimeoutSeconds = 0 }) { server in
            let form = Form(files: [("a.gif", Picture.gif())])
            let request = form.request(to: try server.makeLink())
            let hold = server.files.hold(.synchronizeData)
            let client = try server.connect()
            client.send(request)
            try server.run(until: "it is being made durable") { hold.isReached }
            // A client that is late is answered by the sweep that finds it, long after this one.
            let late = try server.connect()
            late.send("POST /api/generate-upload-link HTTP/1.1\r\nHost: t\r\n")
            late.send("x-api-key: \(ServerUnderTest.key)\r\nContent-Length: 2\r\n\r\n{")
            #expect(try late.responses(1)[0].status == 408)
            #expect(client.received.isEmpty)
            hold.release()
            #expect(try client.responses(1)[0].status == 200)
        }
    }

    @Test func `a connection without a request is closed in silence when its time is over`() throws
    {
        try ServerUnderTest.run(configure: { $0.idleTimeoutSeconds = 0 }) { server in
            let fresh = try server.connect()
            #expect(try fresh.waitForEnd() == .endOfStream)
            #expect(fresh.received.isEmpty)

            let used = try server.connect()
            used.send("GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(try used.responses(1)[0].status == 200)
            #expect(try used.waitForEnd() == .endOfStream)
            #expect(used.rest.isEmpty)
        }
    }
}
