internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// What clients are told when the system refuses memory, and that nothing is lost by it.
///
/// `Tests/clients/test_memory_limits.py` has the same with real limits.
@Suite(.timeLimit(.minutes(10))) struct MemoryServingTests {
    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n" }

    private func get(_ id: BlobID) -> String { get("/api/images/\(id.hex)") }

    private func memory(of server: ServerUnderTest) -> LargeMemory { server.worker.shared.memory }

    @Test func `without memory uploads and links are refused until there is some again`() throws {
        try ServerUnderTest.run { server in
            let link = try server.makeLink()
            let form = Form(files: [("a.gif", Picture.gif())])
            memory(of: server).refuse(from: 1)
            let linkRequest =
                "POST /api/generate-upload-link HTTP/1.1\r\nHost: test\r\n"
                + "x-api-key: \(ServerUnderTest.key)\r\nContent-Length: 0\r\n\r\n"
            let refused = [
                try server.responses(to: form.request(to: link), count: 1)[0],
                try server.response(to: linkRequest),
                try server.response(to: get("/readyz")),
            ]
            for answer in refused {
                #expect(answer.status == 503)
                #expect(answer.code == "out_of_memory")
                #expect(answer["retry-after"] == "5")
            }
            #expect(try server.response(to: get("/healthz")).status == 200)
            #expect(server.catalog.images.count == 0)

            memory(of: server).refuse(from: .max)
            #expect(try server.response(to: get("/readyz")).status == 200)
            #expect(try server.response(to: linkRequest).status == 200)
            #expect(try server.responses(to: form.request(to: link), count: 1)[0].status == 200)
        }
    }

    @Test func `an upload is refused when memory ends in its middle, and nothing is kept`() throws {
        try ServerUnderTest.run { server in
            let form = Form(files: [("a.gif", Picture.gif(sizeBytes: 5_000_000))])
            let request = form.request(to: try server.makeLink())
            let client = try server.connect()
            client.send(Array(request.prefix(100_000)))
            try server.run(until: "its first bytes have come") { client.unsentBytes == 0 }
            memory(of: server).refuse(from: 1)
            client.send(Array(request.dropFirst(100_000)))
            let answer = try client.responses(1)[0]
            #expect(answer.status == 503)
            #expect(answer.code == "out_of_memory")
            #expect(server.catalog.images.count == 0)
            memory(of: server).refuse(from: .max)
            #expect(try server.upload(form).status == 200)
        }
    }

    @Test func `when no large piece can be had, it is not ready; small uploads go on`() throws {
        try ServerUnderTest.run { server in
            let large = Form(files: [("a.gif", Picture.gif(sizeBytes: 600_000))])
            memory(of: server).refuse(from: Worker.bufferBytes)
            #expect(try server.response(to: get("/readyz")).status == 503)
            // What came with the head lies in memory of its own already.
            let small = Form(files: [("b.gif", Picture.gif())])
            #expect(try server.upload(small).status == 200)
            let answer = try server.upload(large)
            #expect(answer.status == 503)
            #expect(answer.code == "out_of_memory")
            memory(of: server).refuse(from: .max)
            #expect(try server.response(to: get("/readyz")).status == 200)
            #expect(try server.upload(large).status == 200)
        }
    }

    @Test func `a hot image is served without memory; one in a file is refused and comes later`()
        throws
    {
        try ServerUnderTest.run { server in
            let (hot, cold) = (Picture.gif(sizeBytes: 9_000, 1), Picture.gif(sizeBytes: 9_000, 2))
            let (hotID, coldID) = (try server.keep(hot), try server.keep(cold))
            #expect(try server.response(to: get(hotID)).content == hot)
            memory(of: server).refuse(from: 1)
            #expect(try server.response(to: get(hotID)).content == hot)
            let refused = try server.response(to: get(coldID))
            #expect(refused.status == 503)
            #expect(refused.code == "out_of_memory")
            memory(of: server).refuse(from: .max)
            #expect(try server.response(to: get(coldID)).content == cold)
            #expect(try server.response(to: get(hotID)).content == hot)
        }
    }

    @Test func `an image for which there is no memory at once is sent in small pieces`() throws {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 1_000_000)
            let id = try server.keep(image)
            memory(of: server).refuse(from: PieceMemory.smallPieceBytes + 1)
            #expect(try server.response(to: get(id)).content == image)
            #expect(server.worker.cache.count == 0)
            memory(of: server).refuse(from: .max)
            #expect(try server.response(to: get(id)).content == image)
            #expect(server.worker.cache.count == 1)
        }
    }

    @Test func `a download that has begun is finished with the memory that it has`() throws {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 24_000_000)
            let id = try server.keep(image)
            let client = try server.connect()
            client.pause()
            client.send(Array(get(id).utf8))
            try server.run(until: "the socket is full") {
                server.worker.connections.values.contains { $0.state.hasUnwritten }
            }
            memory(of: server).refuse(from: 1)
            server.worker.bufferPool.removeAll()
            try client.resume()
            #expect(try client.responses(1)[0].content == image)
            memory(of: server).refuse(from: .max)
            try server.run(until: "its pieces were given back") {
                server.worker.pieceMemory.largePiecesBytes == 0
            }
        }
    }

    @Test func `when memory is short the hot images go, and are read again afterwards`() throws {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 9_000)
            let id = try server.keep(image)
            #expect(try server.response(to: get(id)).content == image)
            #expect(server.worker.cache.count == 1)
            // As another loop would notice it.
            memory(of: server).refuse(from: 1)
            #expect(memory(of: server).buffer(capacity: 1) == nil)
            memory(of: server).refuse(from: .max)
            let client = try server.connect()
            try server.run(until: "the loop has noticed, too") { server.worker.cache.count == 0 }
            client.send(Array(get(id).utf8))
            #expect(try client.responses(1)[0].content == image)
            #expect(server.worker.cache.count == 1)
        }
    }

    @Test func `an image that is there and cannot be read for lack of memory is kept anew`()
        throws
    {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 600_000)
            let id = try server.services.keep(image, firstUpload: 0)
            let form = Form(files: [("a.gif", image)])
            let link = try server.makeLink()
            let request = form.request(to: link)
            let path = BlobLayout(dataDirectory: ServerUnderTest.dataDirectory).path(of: id)
            let before = try server.files.status(of: path).inode
            // All pieces are at hand; it is the reading of what is there that finds no memory.
            let pool = server.worker.bufferPool
            let kept = (0..<4).compactMap { _ in pool.take() }
            for buffer in kept { pool.recycle(buffer) }
            memory(of: server).refuse(from: Worker.bufferBytes)
            #expect(try server.responses(to: request, count: 1)[0].status == 200)
            memory(of: server).refuse(from: .max)
            #expect(try server.files.status(of: path).inode != before)
            #expect(server.catalog.images.count == 1)
        }
    }
}
