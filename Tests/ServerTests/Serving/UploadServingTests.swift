internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// What becomes of an upload, whatever happens on its way.
///
/// That nothing is left in `incoming/` is checked at the end of each.
@Suite(.timeLimit(.minutes(10))) struct UploadServingTests {
    private func blobCount(_ server: ServerUnderTest) throws -> Int {
        try server.files.list("/data/blobs").reduce(0) { count, name in
            count + (try server.files.list("/data/blobs/\(name)").count)
        }
    }

    private func imageCount(_ server: ServerUnderTest) -> Int { server.catalog.images.count }

    // MARK: All or nothing

    @Test func `the same image twice is kept once and answered with one id`() throws {
        try ServerUnderTest.run { server in
            let first = try server.upload(Form(files: [("a.gif", Picture.gif())]))
            let again = try server.upload(
                Form(files: [("b.gif", Picture.gif()), ("c.gif", Picture.gif())])
            )
            #expect(first.status == 200 && again.status == 200)
            let id = first.text.suffix(66).prefix(64)
            #expect(again.content == Array(#"{"b.gif":"\#(id)","c.gif":"\#(id)"}"#.utf8))
            #expect(imageCount(server) == 1)
            #expect(try blobCount(server) == 1)
        }
    }

    @Test func `one file that is no image keeps the others from being kept`() throws {
        try ServerUnderTest.run { server in
            let answer = try server.upload(
                Form(files: [
                    ("a.gif", Picture.gif()), ("b.txt", Array("hello".utf8)), ("c.gif", []),
                ])
            )
            #expect(answer.status == 415)
            #expect(answer.code == "unsupported_image")
            #expect(answer.text.contains(#"{"filename":"b.txt","reason":"#))
            #expect(answer.text.contains(#"{"filename":"c.gif","reason":"#))
            #expect(!answer.text.contains("a.gif"))
            #expect(imageCount(server) == 0)
            #expect(try blobCount(server) == 0)
        }
    }

    @Test func `a client that vanishes in the middle leaves nothing behind`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [
                ("a.gif", Picture.gif(sizeBytes: 700_000)),
                ("b.gif", Picture.gif(sizeBytes: 700_000, 2)),
            ])
            let request = form.request(to: try server.makeLink())
            for sentBytes in [400, 300_000, 900_000, request.count - 1] {
                let client = try server.connect()
                client.send(Array(request.prefix(sentBytes)))
                try server.run(until: "the server has got it") {
                    client.unsentBytes == 0 && server.connection?.exchange != nil
                }
                client.vanish()
                try server.run(until: "the server has noticed") {
                    server.worker.connections.isEmpty
                }
                try server.run(until: "its place is free") {
                    server.worker.shared.uploadsUnderWay == 0
                }
            }
            try server.run(until: "its files are gone") {
                (try? server.files.list("/data/incoming").isEmpty) ?? false
            }
            #expect(imageCount(server) == 0)
            #expect(try blobCount(server) == 0)
        }
    }

    @Test func `a disk that fails is answered, and nothing of the request is kept`() throws {
        let faults: [(MemoryFileSystem.Operation.Kind, UVError, Int, String)] = [
            (.write, .noSpace, 507, "storage_full"), (.write, .io, 500, "storage_failed"),
            (.open, .tooManyOpenFiles, 503, "too_many_uploads"),
            (.synchronizeData, .io, 500, "storage_failed"),
            (.link, .noSpace, 507, "storage_full"),
        ]
        for (kind, error, status, code) in faults {
            try ServerUnderTest.run { server in
                let link = try server.makeLink()
                let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 500_000))])
                server.files.fail(.kinds([kind]), with: error)
                let answer = try server.responses(to: form.request(to: link), count: 1)[0]
                server.files.fail(nil)
                #expect(answer.status == status, "\(kind) \(error)")
                #expect(answer.code == code)
                #expect(imageCount(server) == 0)
                // The service goes on.
                #expect(try server.upload(form).status == 200)
            }
        }
    }

    // MARK: Before the body

    @Test func `100 Continue comes when the body is wanted, and before it`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif())])
            let link = try server.makeLink()
            let length = "Content-Length: \(form.whole.count)"
            let head = Form.head(to: link, framing: length, fields: "Expect: 100-continue\r\n")
            let client = try server.connect()
            client.send(head)
            #expect(try client.responses(1)[0].text == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send(form.whole)
            #expect(try client.responses(2)[1].status == 200)

            // Whoever does not wait for it gets the answer alone.
            client.send(head + form.whole)
            #expect(try client.responses(3)[2].status == 200)
        }
    }

    @Test func `a refused upload is answered at once, instead of 100 Continue`() throws {
        try ServerUnderTest.run { server in
            let expect = "Expect: 100-continue\r\n"
            let expired = try server.makeLink(expiresIn: -5)
            let valid = try server.makeLink()
            let cases: [(LinkID, String, String, Int, String)] = [
                (.random(), "Content-Length: 9", expect, 404, "link_not_found"),
                (expired, "Content-Length: 9", expect, 410, "link_expired"),
                (valid, "Content-Length: 99999999999999", expect, 413, "body_too_large"),
                (valid, "X: y", "", 411, "length_required"),
                (valid, "Content-Length: 9", "Expect: 200-ok\r\n", 417, "expectation_failed"),
                (valid, "Transfer-Encoding: gzip, chunked", "", 501, "transfer_coding_unsupported"),
            ]
            for (link, framing, fields, status, code) in cases {
                let client = try server.connect()
                client.send(Form.head(to: link, framing: framing, fields: fields))
                let answer = try client.responses(1)[0]
                #expect(answer.status == status)
                #expect(answer.code == code)
                #expect(client.responses.count == 1)
            }
        }
    }

    @Test func `an early refusal can be read by a client that is still sending`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 12_000_000))])
            let client = try server.connect()
            client.pause()
            client.send(form.request(to: .random()))
            try server.run(until: "all of it is on its way") { client.unsentBytes == 0 }
            try client.resume()
            let answer = try client.responses(1)[0]
            #expect(answer.status == 404)
            #expect(answer["connection"] == "close")
            #expect(try client.waitForEnd() == .endOfStream)
        }
    }

    @Test func `a file that is no image is refused before its end`() throws {
        try ServerUnderTest.run { server in
            var form = Form()
            form.add(file: "a.bin", [UInt8](repeating: 7, count: 20_000_000))
            let head = Form.head(
                to: try server.makeLink(),
                framing: "Content-Length: \(form.whole.count + 1_000_000_000)"
            )
            let client = try server.connect()
            client.send(head + form.whole)
            #expect(try client.responses(1)[0].code == "unsupported_image")
            #expect(try client.waitForEnd() == .endOfStream)
        }
    }

    // MARK: Limits

    @Test func `limits are met at the byte and refused one past it`() throws {
        let image = Picture.gif(sizeBytes: 2_000)
        let form = Form(files: [("a.gif", image)])
        let two = Form(files: [("a.gif", image), ("b.gif", image)])
        let cases: [(Form, (inout Configuration, Int) -> Void, Int, Int, String)] = [
            (form, { $0.fileSizeMax = ByteCount($1) }, 2_000, 413, "file_too_large"),
            (
                form, { $0.requestSizeMax = ByteCount($1) }, form.whole.count, 413,
                "body_too_large"
            ),
            (two, { $0.filesPerRequestMax = $1 }, 2, 413, "too_many_files"),
        ]
        for (form, set, limit, status, code) in cases {
            for (value, expected) in [(limit, 200), (limit - 1, status)] {
                try ServerUnderTest.run(configure: { set(&$0, value) }) { server in
                    let link = try server.makeLink()
                    let requests = [
                        form.request(to: link), form.chunkedRequest(to: link, chunkBytes: 999),
                    ]
                    for request in requests {
                        let answer = try server.responses(to: request, count: 1)[0]
                        #expect(answer.status == expected, "\(code) at \(value)")
                        #expect(answer.code == (expected == 200 ? nil : code))
                    }
                }
            }
        }
    }

    @Test func `more uploads than allowed are told so, and the next one finds the place`() throws {
        try ServerUnderTest.run(configure: { $0.uploadCountMax = 1 }) { server in
            let form = Form(files: [("a.gif", Picture.gif())])
            let request = form.request(to: try server.makeLink())
            let first = try server.connect()
            first.send(Array(request.dropLast()))
            try server.run(until: "it is under way") { server.worker.shared.uploadsUnderWay == 1 }
            let refusal = try server.responses(to: request, count: 1)[0]
            #expect(refusal.status == 503)
            #expect(refusal.code == "too_many_uploads")
            first.send([0x0A])
            #expect(try first.responses(1)[0].status == 200)
            #expect(try server.responses(to: request, count: 1)[0].status == 200)
        }
    }

    // MARK: Few steps

    @Test func `a small image takes two writes, however it was cut, and is never read back`() throws
    {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 50_000)
            let request = Form(files: [("a.gif", image)]).request(to: try server.makeLink())
            let client = try server.connect()
            let cuts = stride(from: 0, to: request.count, by: 9_999)
            try client.send(
                request,
                cutAt: cuts.map { $0..<min($0 + 9_999, request.count) }
            )
            #expect(try client.responses(1)[0].status == 200)
            let asked = server.files.operations.filter { $0.path.hasPrefix("/data/incoming/up") }
            // What came with the head, and the rest.
            #expect(asked.count { $0.kind == .write } == 2)
            #expect(asked.count { $0.kind == .read } == 0)
        }
    }

    @Test(arguments: [-1, 0, 1])
    func `a body around the size of a buffer is received whole`(difference: Int) throws {
        try ServerUnderTest.run { server in
            let empty = Form(files: [("a.gif", [])]).whole.count
            let bytes = Worker.bufferBytes + difference - empty
            let image = Picture.gif(sizeBytes: bytes)
            let request = Form(files: [("a.gif", image)]).request(to: try server.makeLink())
            let bodyStart = request.count - Worker.bufferBytes - difference
            let client = try server.connect()
            // The head alone, so that the body begins a buffer; then all but a byte.
            try client.send(
                request,
                cutAt: [
                    0..<bodyStart, bodyStart..<bodyStart + 1, bodyStart + 1..<request.count - 1,
                    request.count - 1..<request.count,
                ]
            )
            let answer = try client.responses(1)[0]
            #expect(answer.status == 200)
            let id = try #require(BlobID(hex: String(answer.text.suffix(66).prefix(64))))
            #expect(server.files.content(of: "/data/blobs/\(id.hex.prefix(2))/\(id.hex)") == image)
        }
    }

    // MARK: Backpressure

    @Test func `a disk that is slower than the network slows the client, not the memory`() throws {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 24_000_000)
            let form = Form(files: [("a.gif", image)])
            let request = form.request(to: try server.makeLink())
            let hold = server.files.hold(.write)
            let client = try server.connect()
            client.send(request)
            try server.run(until: "a write waits for the disk, and reading for it") {
                hold.isReached && server.connection?.state.wantsInput == false
            }
            let receiver = try #require(server.connection?.body as? UploadReceiver)
            let held = receiver.bodyBytes
            // Two pieces of a buffer each; the first was begun by the read that brought the head.
            #expect(held <= 3 * Worker.bufferBytes)
            // Others are served meanwhile, and nothing more is read from this one.
            let text = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n"
            for _ in 0..<20 { #expect(try server.response(to: text).status == 200) }
            #expect(receiver.bodyBytes == held)
            #expect(client.unsentBytes > 0)
            hold.release()
            let answer = try client.responses(1)[0]
            #expect(answer.status == 200)
            let id = try #require(BlobID(hex: String(answer.text.suffix(66).prefix(64))))
            #expect(server.files.content(of: "/data/blobs/\(id.hex.prefix(2))/\(id.hex)") == image)
        }
    }

    @Test func `what was sent whole is kept though its client has left`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif())])
            let request = form.request(to: try server.makeLink())
            let hold = server.files.hold(.synchronizeData)
            let client = try server.connect()
            client.send(request)
            try server.run(until: "it is being made durable") { hold.isReached }
            client.vanish()
            hold.release()
            try server.run(until: "it is kept") { imageCount(server) == 1 }
            try server.run(until: "the server has noticed") { server.worker.connections.isEmpty }
            #expect(try blobCount(server) == 1)
        }
    }
}
