internal import Bytes
internal import Catalog
internal import HTTP1
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// What a client gets that asks for an image.
@Suite(.timeLimit(.minutes(10))) struct DownloadTests {
    private func get(_ id: BlobID, _ fields: String = "") -> [UInt8] {
        Array("GET /api/images/\(id.hex) HTTP/1.1\r\nHost: test\r\n\(fields)\r\n".utf8)
    }

    @Test func `two large images at once reach each its own client whole`() throws {
        try ServerUnderTest.run { server in
            let images = [
                Picture.gif(sizeBytes: 9_000_001, 1), Picture.gif(sizeBytes: 9_000_001, 2),
            ]
            let ids = try images.map(server.keep)
            let clients = try ids.map { _ in try server.connect() }
            // Both heads are made before the first byte of either file is there.
            for round in 1...3 {
                for (client, id) in zip(clients, ids) { client.send(get(id)) }
                for (client, image) in zip(clients, images) {
                    let answer = try client.responses(round)[round - 1]
                    #expect(answer.status == 200)
                    #expect(answer.content == image)
                }
            }
        }
    }

    @Test func `a client that reads slowly holds up nobody else, and gets all in the end`() throws {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 24_000_000)
            let id = try server.keep(image)
            let slow = try server.connect()
            slow.pause()
            slow.send(get(id))
            try server.run(until: "the socket is full") {
                server.worker.connections.values.contains { $0.state.hasUnwritten }
            }
            for _ in 1...20 {
                let answer = try server.response(to: "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(answer.status == 200)
            }
            let other = try server.connect()
            other.send(get(id))
            #expect(try other.responses(1)[0].content == image)
            #expect(slow.received.isEmpty)
            try slow.resume()
            #expect(try slow.responses(1)[0].content == image)
        }
    }

    @Test func `a download may take longer than the client may be slow`() throws {
        // No time at all: every look at the deadlines finds that it is up, if it counts.
        try ServerUnderTest.run(configure: { $0.writeTimeoutSeconds = 0 }) { server in
            let image = Picture.gif(sizeBytes: 9_000_000)
            let id = try server.keep(image)
            let hold = server.files.hold(.read)
            let client = try server.connect()
            client.send(get(id))
            try server.run(until: "the disk is slow") { hold.isReached }
            let sweeps = try Sweeps(server)
            try server.run(until: "the deadlines were looked at") { sweeps.count >= 2 }
            sweeps.end()
            hold.release()
            #expect(try client.responses(1)[0].content == image)
        }
    }

    @Test func `a client that takes nothing for too long is let go`() throws {
        try ServerUnderTest.run(configure: { $0.writeTimeoutSeconds = 0 }) { server in
            let id = try server.keep(Picture.gif(sizeBytes: 24_000_000))
            let client = try server.connect()
            client.pause()
            client.send(get(id))
            try server.run(until: "the server gives up") {
                server.worker.shared.openConnections == 0
            }
            try client.resume()
            #expect(try client.waitForEnd() != nil)
            #expect(client.responses.isEmpty)
        }
    }

    @Test func `a client that goes while a piece is read leaves nothing behind`() throws {
        try ServerUnderTest.run { server in
            let id = try server.keep(Picture.gif(sizeBytes: 9_000_000))
            let hold = server.files.hold(.read)
            let client = try server.connect()
            client.send(get(id))
            try server.run(until: "a piece is read") { hold.isReached }
            #expect(server.worker.pieceMemory.largePiecesBytes > 0)
            client.vanish()
            try server.run(until: "the connection is gone") { server.worker.connections.isEmpty }
            hold.release()
            try server.run(until: "its memory is given back") {
                server.worker.pieceMemory.largePiecesBytes == 0
            }
        }
    }

    @Test func `a file that is shorter than promised ends the answer early`() throws {
        try ServerUnderTest.run { server in
            let image = Picture.gif(sizeBytes: 9_000_000)
            let id = try server.keep(image)
            let hold = server.files.hold(.read)
            let client = try server.connect()
            client.send(get(id))
            try server.run(until: "the first bytes are read") { hold.isReached }
            server.files.fail(.kinds([.read]))
            hold.release()
            #expect(try client.waitForEnd() == .endOfStream)
            #expect(client.responses.isEmpty)
            server.files.fail(nil)
        }
    }

    @Test func `a file of another size than was kept is not served as if it were whole`() throws {
        try ServerUnderTest.run { server in
            let id = try server.keep(Picture.gif(sizeBytes: 5_000))
            let path = "/data/blobs/\(id.hex.prefix(2))/\(id.hex)"
            try server.files.remove(path)
            try server.files.plant(Picture.gif(sizeBytes: 4_999), at: path)
            let client = try server.connect()
            client.send(get(id))
            let answer = try client.responses(1)[0]
            #expect(answer.status == 500)
            #expect(answer.code == "storage_failed")
        }
    }

    @Test(
        arguments: [
            // Below the cache's limit, above it, and beyond one piece of reading.
            300, 70_000, 2_000_000,
        ]
    )
    func `ranges are the same bytes from memory and from the file`(sizeBytes: Int) throws {
        for cache in [ByteCount.mebibytes(0), .mebibytes(64)] {
            try ServerUnderTest.run(configure: { $0.cacheSize = cache }) { server in
                let image = Picture.gif(sizeBytes: sizeBytes)
                let id = try server.keep(image)
                let client = try server.connect()
                // The second time it comes from memory, if it is kept there.
                for round in 0..<2 {
                    client.send(get(id, "Range: bytes=-5\r\n"))
                    client.send(get(id, "Range: bytes=0-0,100-199\r\n"))
                    client.send(get(id))
                    let answers = try client.responses(3 * round + 3).suffix(3)
                    #expect(answers.map(\.status) == [206, 206, 200])
                    let first = try #require(answers.first)
                    #expect(first.content == image.suffix(5))
                    let range = "bytes \(sizeBytes - 5)-\(sizeBytes - 1)/\(sizeBytes)"
                    #expect(first["content-range"] == range)
                    let several = answers[answers.startIndex + 1]
                    let boundary = try #require(several["content-type"]?.split(separator: "=").last)
                    var expected = part(boundary, "0-0", sizeBytes) + image[0..<1]
                    expected += Array("\r\n".utf8) + part(boundary, "100-199", sizeBytes)
                    expected += image[100..<200]
                    expected += "\r\n--\(boundary)--\r\n".utf8
                    #expect(several.content == expected)
                    #expect(answers.last?.content == image)
                }
            }
        }
    }

    @Test func `an image of the future was changed now, first read or hot`() throws {
        try ServerUnderTest.run { server in
            let now = wallClock().seconds
            let id = try server.services.keep(Picture.gif(), firstUpload: now + 3_600)
            for condition in ["", "", "Range: bytes=1-2\r\n", "If-None-Match: *\r\n"] {
                let answer = try server.responses(to: get(id, condition), count: 1)[0]
                let date = try #require(answer["date"])
                let modified = try #require(answer["last-modified"])
                let sent = try #require(HTTPDate(parsing: date, now: now))
                let changed = try #require(HTTPDate(parsing: modified, now: now))
                #expect(changed.secondsSince1970 <= sent.secondsSince1970)
                #expect(changed.secondsSince1970 >= now)
            }
        }
    }

    @Test func `a clock that is put back does not leave hot images in the future`() throws {
        try ServerUnderTest.run { server in
            let now = wallClock().seconds
            let id = try server.services.keep(Picture.gif(), firstUpload: now)
            _ = try server.responses(to: get(id), count: 1)
            let hot = try #require(server.worker.cache.entry(for: id))
            let record = hot.representation.record
            let future = ImageRepresentation(
                ImageRecord(
                    id: id,
                    sizeBytes: record.sizeBytes,
                    kind: record.kind,
                    width: record.width,
                    height: record.height,
                    camera: nil,
                    firstUpload: now + 3_600
                ),
                now: now + 3_600
            )
            server.worker.cache.insert(ImageCache.Entry(future, content: hot.content))
            for condition in ["", "Range: bytes=1-2\r\n", "If-None-Match: \"\(id.hex)\"\r\n"] {
                let answer = try server.responses(to: get(id, condition), count: 1)[0]
                let modified = try #require(answer["last-modified"])
                let changed = try #require(HTTPDate(parsing: modified, now: now))
                #expect(changed.secondsSince1970 < now + 3_600, "\(condition)")
            }
        }
    }

    private func part(_ boundary: Substring, _ range: String, _ sizeBytes: Int) -> [UInt8] {
        Array(
            """
            --\(boundary)\r\nContent-Type: image/gif\r\n\
            Content-Range: bytes \(range)/\(sizeBytes)\r\n\r\n
            """.utf8
        )
    }
}

/// Counts how often the worker must have looked at its deadlines.
private final class Sweeps {
    private(set) var count = 0
    private let timer: Timer

    init(_ server: ServerUnderTest) throws(UVError) {
        timer = try Timer(on: server.loop)
        let period = Worker.sweepMilliseconds
        timer.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in
            count += 1
            server.loop.stop()
        }
    }

    func end() { timer.close() }
}
