internal import Server
internal import Testing
internal import UV

@Suite struct AccessLogTests {
    private func line(
        _ format: LogFormat,
        client: String = "192.0.2.7",
        method: String = "GET",
        path: [UInt8],
        requestID: String = "r-1"
    ) -> String {
        let record = AccessLog.Record(
            time: Timestamp(milliseconds: 1_714_996_800_123),
            client: Array(client.utf8),
            method: Array(method.utf8),
            path: path,
            status: 200,
            bytesSent: 5_123,
            durationMicroseconds: 1_412,
            requestID: Array(requestID.utf8)
        )
        return String(decoding: record.encode(format), as: UTF8.self)
    }

    private func line(_ format: LogFormat, _ path: String) -> String {
        line(format, path: Array(path.utf8))
    }

    @Test func `a text line has time, client, request, status, bytes, milliseconds and id`() {
        #expect(
            line(.text, "/api/stats")
                == "2024-05-06T12:00:00.123Z 192.0.2.7 \"GET /api/stats\" 200 5123 1.412 r-1\n"
        )
    }

    @Test func `a JSON line has the same as members`() {
        #expect(
            line(.json, "/api/stats")
                == #"{"time":"2024-05-06T12:00:00.123Z","client":"192.0.2.7","method":"GET","#
                + #""path":"/api/stats","status":200,"bytes":5123,"duration_ms":1.412,"#
                + #""request_id":"r-1"}"# + "\n"
        )
    }

    @Test func `what is not known of a request is a dash, in JSON null`() {
        #expect(line(.text, method: "", path: []).contains(" \"- -\" 200 "))
        #expect(line(.text, "").contains(" \"GET -\" 200 "))
        #expect(line(.json, method: "", path: []).contains(#""method":null,"path":null,"status""#))
        #expect(line(.json, "").contains(#""method":"GET","path":null,"status""#))
    }

    @Test(arguments: LogFormat.allCases)
    func `no byte of a client ends the line or reaches the terminal`(format: LogFormat) {
        let all = (UInt8.min...UInt8.max).filter { $0 != UInt8(ascii: "?") && $0 != 0x23 }
        let line = line(format, client: "a\nb", method: "G\"\u{1B}", path: all, requestID: "\r\n")
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1)
        #expect(line.hasSuffix("\n"))
        for scalar in line.dropLast().unicodeScalars {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
    }

    @Test func `a quote does not end the field`() {
        let line = line(.text, "/\" 200 1 1.000 forged\n2024 \\")
        #expect(line.contains(#""GET /\" 200 1 1.000 forged\x0a2024 \\" 200"#))
    }

    @Test(arguments: LogFormat.allCases)
    func `the query is never logged`(format: LogFormat) {
        for path in ["/api/stats?key=topsecret", "/api/stats#topsecret", "/api/stats?a#topsecret"] {
            let line = line(format, path)
            #expect(!line.contains("topsecret"))
            #expect(line.contains("/api/stats\""))
        }
    }

    @Test(
        arguments: [
            "/api/upload-images/2643772f-5cbd-4b72-bdfa-9a10c72c6fec",
            "/api/upload-images/2643772f-5cbd-4b72-bdfa-9a10c72c6fec/",
            "/api/upload-images/2643772f%2D5cbd%2D4b72%2Dbdfa%2D9a10c72c6fec",
            "/api/upload-image/2643772f-5cbd-4b72-bdfa-9a10c72c6fec",
            "/2643772f-5cbd-4b72-bdfa-9a10c72c6fec",
            "/api//upload-images//2643772F-5CBD-4B72-BDFA-9A10C72C6FEC",
            "/x2643772f-5cbd-4b72-bdfa-9a10c72c6fec.jpg",
        ]
    )
    func `no more than the first eight characters of an upload link are logged`(path: String) {
        for format in LogFormat.allCases {
            let line = line(format, path).lowercased()
            for rest in ["5cbd", "4b72", "bdfa", "9a10c72c6fec"] { #expect(!line.contains(rest)) }
            #expect(line.contains("..."))
        }
    }

    @Test func `the beginning of an upload link is shown`() {
        let path = "/api/upload-images/2643772f-5cbd-4b72-bdfa-9a10c72c6fec"
        #expect(line(.text, path).contains("\"GET /api/upload-images/2643772f...\""))
    }

    @Test func `image ids stay whole`() {
        let id = String(repeating: "0123456789abcdef", count: 4)
        #expect(line(.text, "/api/images/\(id)").contains("\"GET /api/images/\(id)\""))
    }

    @Test func `a path is whole at the limit and cut one byte past it`() {
        let longest = "/" + String(repeating: "x", count: AccessLog.pathBytesMax - 1)
        #expect(line(.text, longest).contains(longest + "\""))
        #expect(line(.text, longest + "y").contains(longest + "...\""))
    }

    @Test func `access lines of a turn go to standard output together`() throws {
        let written = Lock<[(StandardStream, [UInt8])]>([])
        let sink = try LogSink(format: .text) { stream, bytes in
            written.withLock { $0.append((stream, bytes)) }
        }
        let log = AccessLog(format: .text, sink: sink)
        var lines: [UInt8] = []
        let record = AccessLog.Record(
            time: Timestamp(seconds: 0),
            client: [],
            method: Array("GET".utf8),
            path: Array("/".utf8),
            status: 404,
            bytesSent: 0,
            durationMicroseconds: 0,
            requestID: Array("r".utf8)
        )
        log.encode(record, into: &lines)
        log.encode(record, into: &lines)
        log.write(lines)
        sink.flush()
        let all = written.withLock { $0 }
        #expect(all.map(\.0) == [.output])
        #expect(
            all.map { String(decoding: $0.1, as: UTF8.self) }
                == [
                    String(
                        repeating: "1970-01-01T00:00:00.000Z - \"GET /\" 404 0 0.000 r\n",
                        count: 2
                    )
                ]
        )
    }
}
