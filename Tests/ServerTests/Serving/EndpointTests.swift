internal import Bytes
internal import Catalog
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

/// Requests and their answers, to the byte but for the time.
@Suite(.timeLimit(.minutes(10))) struct EndpointTests {
    private static let key = "x-api-key: \(ServerUnderTest.key)\r\n"

    private func request(_ line: String, _ fields: String = "", body: String = "") -> String {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return "\(line) HTTP/1.1\r\nHost: t\r\nX-Request-Id: r\r\n\(fields)\(length)\r\n\(body)"
    }

    private func answer(_ status: String, _ fields: [String], _ content: String) -> String {
        let length =
            status.hasPrefix("204") || status.hasPrefix("304")
            ? [] : ["Content-Length: \(content.utf8.count)"]
        let all = ["HTTP/1.1 \(status)"] + fields + length + ["Date: (now)", "X-Request-Id: r"]
        return all.joined(separator: "\r\n") + "\r\n\r\n" + content
    }

    private func problem(
        _ status: String,
        _ code: String,
        _ detail: String,
        fields: [String] = [],
        members: String = ""
    ) -> String {
        let number = status.prefix(3)
        return answer(
            status,
            ["Content-Type: application/problem+json", "Cache-Control: no-store"] + fields,
            #"{"type":"about:blank","title":"\#(status.dropFirst(4))","status":\#(number),"#
                + #""detail":"\#(detail)","code":"\#(code)"\#(members)}"#
        )
    }

    private let plain = ["Content-Type: text/plain; charset=utf-8", "Cache-Control: no-store"]

    @Test func `health and readiness are told in a word`() throws {
        try ServerUnderTest.run { server throws in
            let alive = answer("200 OK", plain, "ok\n")
            #expect(try server.response(to: request("GET /healthz")).text == alive)
            let ready = answer("200 OK", plain, "ready\n")
            #expect(try server.response(to: request("GET /readyz")).text == ready)
            #expect(try server.response(to: request("GET /readyz?verbose")).text == ready)
            server.files.fail(.kinds([.open, .write]), with: .noSpace)
            #expect(try server.response(to: request("GET /readyz")).code == "not_ready")
            server.files.fail(nil)
        }
    }

    @Test func `before the data is read, health is told and everything else may come again`() throws
    {
        try ServerUnderTest.run(ServerUnderTest.Plan(isReady: false)) { server throws in
            #expect(try server.response(to: request("GET /healthz")).status == 200)
            let id = String(repeating: "0", count: 64)
            let lines = ["GET /readyz", "GET /api/images/\(id)", "GET /api/stats"]
            for line in lines {
                let refusal = try server.response(to: request(line, Self.key))
                #expect(refusal.status == 503)
                #expect(refusal.code == "not_ready")
                #expect(refusal["retry-after"] == "5")
            }
            #expect(try server.response(to: request("GET /metrics", Self.key)).status == 200)
        }
    }

    @Test func `a path or a method that does not exist is named`() throws {
        try ServerUnderTest.run { server throws in
            let unknown = problem(
                "404 Not Found",
                "not_found",
                "Nothing is at this path; /openapi.yaml lists what there is."
            )
            #expect(try server.response(to: request("GET /api/")).text == unknown)
            let refused = problem(
                "405 Method Not Allowed",
                "method_not_allowed",
                "Use one of the methods in Allow.",
                fields: ["Allow: GET, HEAD, OPTIONS"],
                members: #","allowed":["GET","HEAD","OPTIONS"]"#
            )
            #expect(try server.response(to: request("DELETE /api/stats", Self.key)).text == refused)
            #expect(try server.response(to: request("BREW /api/stats")).status == 405)
        }
    }

    @Test(
        arguments: [
            "", "x-api-key: wrong\r\n", "x-api-key: \r\n",
            "authorization: Bearer \(ServerUnderTest.key)\r\n", key + key,
            key + "x-api-key: b\r\n",
        ]
    )
    func `without one valid key nothing that is keyed is told`(fields: String) throws {
        try ServerUnderTest.run { server throws in
            let expected = problem(
                "401 Unauthorized",
                "unauthorized",
                "Send a valid key in the header x-api-key.",
                fields: [
                    #"WWW-Authenticate: ApiKey realm="image-service", header="x-api-key""#
                ]
            )
            for path in ["/api/stats", "/api/stats/details"] {
                #expect(try server.response(to: request("GET \(path)", fields)).text == expected)
            }
            let post = request("POST /api/generate-upload-link", fields)
            #expect(try server.response(to: post).text == expected)
        }
    }

    @Test(
        arguments: [
            (key, 200), ("Authorization: Bearer \(ServerUnderTest.key)\r\n", 200),
            ("Authorization: bearer \(ServerUnderTest.key)\r\n", 200),
            ("Authorization: Basic \(ServerUnderTest.key)\r\n", 401),
            ("Authorization: Bearer wrong\r\n", 401), ("Authorization: Bearer \r\n", 401),
            ("", 401),
        ]
    )
    func `metrics take the key in the two ways that Prometheus can send`(
        fields: String,
        status: Int
    ) throws {
        try ServerUnderTest.run { server throws in
            let response = try server.response(to: request("GET /metrics", fields))
            #expect(response.status == status)
            let challenge = status == 401 ? #"Bearer realm="image-service""# : nil
            #expect(response["www-authenticate"] == challenge)
        }
    }

    @Test func `a link is made, says when it expires, and takes an upload`() throws {
        try ServerUnderTest.run { server throws in
            let before = wallClock().seconds
            let post = request("POST /api/generate-upload-link", Self.key, body: #"{"expiry":90}"#)
            let made = try server.response(to: post)
            #expect(made.status == 200)
            let text = String(decoding: made.content, as: UTF8.self)
            let id = String(text.dropFirst(14).prefix(36))
            let link = try #require(LinkID(text: id))
            let expiries = (before + 90...wallClock().seconds + 91).map { seconds in
                #"{"upload_id":"\#(id)","upload_url":"/api/upload-images/\#(id)","#
                    + #""expires_at":"\#(Timestamp(seconds: seconds).text)"}"#
            }
            #expect(expiries.contains(text))
            let form = Form(files: [("a.gif", Picture.gif())])
            #expect(try server.responses(to: form.request(to: link), count: 1)[0].status == 200)
        }
    }

    @Test(
        arguments: [
            ("{", 400, "invalid_json"), (#"{"expiry":0}"#, 422, "invalid_expiry"),
            (String(repeating: " ", count: 65_536), 200, nil),
            (String(repeating: " ", count: 65_537), 413, "body_too_large"),
        ] as [(String, Int, String?)]
    )
    func `a body that makes no link is refused, whichever way its length is told`(
        body: String,
        status: Int,
        code: String?
    ) throws {
        try ServerUnderTest.run { server throws in
            let chunked = """
                POST /api/generate-upload-link HTTP/1.1\r\nHost: t\r\n\(Self.key)\
                Transfer-Encoding: chunked\r\n\r\n\
                \(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n
                """
            let plain = request("POST /api/generate-upload-link", Self.key, body: body)
            for text in [plain, chunked] {
                let response = try server.response(to: text)
                #expect(response.status == status)
                #expect(response.code == code)
            }
        }
    }

    @Test func `an image's answers follow its conditions`() throws {
        try ServerUnderTest.run { server throws in
            let id = try server.keep(Picture.gif())
            let tag = "\"\(id.hex)\""
            let cases: [(String, Int)] = [
                ("", 200), ("If-None-Match: \(tag)\r\n", 304), ("If-None-Match: W/\(tag)\r\n", 304),
                ("If-None-Match: *\r\n", 304), ("If-None-Match: \"x\"\r\n", 200),
                ("If-Match: \"x\"\r\n", 412), ("If-Match: \(tag)\r\n", 200),
                ("If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n", 304),
                ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 412),
                ("Range: bytes=0-4\r\nIf-Range: \(tag)\r\n", 206),
                ("Range: bytes=0-4\r\nIf-Range: \"x\"\r\n", 200), ("Range: bytes=64-\r\n", 416),
                ("Range: bytes=63-\r\n", 206), ("Range: lines=1-2\r\n", 200),
                ("Range: bytes=5-4\r\n", 200),
            ]
            // The first comes from the file, the others from memory.
            for (fields, status) in cases {
                let response = try server.response(to: request("GET /api/images/\(id.hex)", fields))
                #expect(response.status == status, "\(fields)")
                if status != 412 && status != 416 { #expect(response["etag"] == tag) }
                if status == 416 { #expect(response["content-range"] == "bytes */64") }
                if status == 304 { #expect(response.content == []) }
            }
            let head = try server.response(to: request("HEAD /api/images/\(id.hex)"))
            #expect(head["content-length"] == "64")
            #expect(head.content == [])
        }
    }

    @Test func `an image that is not there, or no id at all, is 404`() throws {
        try ServerUnderTest.run { server throws in
            for name in [String(repeating: "0", count: 64), "x", String(repeating: "A", count: 64)]
            {
                let response = try server.response(to: request("GET /api/images/\(name)"))
                #expect(response.code == "image_not_found")
                #expect(response.status == 404)
            }
        }
    }

    @Test func `stats have just the contract's keys, and are right at once`() throws {
        try ServerUnderTest.run { server throws in
            let get = request("GET /api/stats", Self.key)
            let fields = ["Content-Type: application/json", "Cache-Control: no-store"]
            let empty =
                #"{"Image Upload Frequency Per Day (last 30 days)":{},"#
                + #""Most Popular Image Format":null,"Top 10 Popular Camera Models":[]}"#
            #expect(try server.response(to: get).text == answer("200 OK", fields, empty))
            _ = try server.keep(Picture.gif())
            _ = try server.keep(Picture.gif(sizeBytes: 65))
            _ = try server.keep(Picture.gif())
            let text = String(decoding: try server.response(to: get).content, as: UTF8.self)
            #expect(text.contains(#"":2},"Most Popular Image Format":"GIF""#))
            let details = try server.response(to: request("GET /api/stats/details", Self.key))
            let more = String(decoding: details.content, as: UTF8.self)
            #expect(more.hasPrefix(#"{"images":2,"bytes":129,"days":{""#))
            #expect(more.hasSuffix(#""formats":{"GIF":2},"cameras":{}}"#))
        }
    }

    @Test func `scripts of other sites see what the operator allowed, and images`() throws {
        try ServerUnderTest.run(configure: {
            $0.corsOrigins = (try? CORSOrigins("https://a.example")) ?? $0.corsOrigins
        }) { server throws in
            let preflight = "Access-Control-Request-Method: GET\r\n"
            let allowed = try server.response(
                to: request("OPTIONS /api/stats", preflight + "Origin: https://a.example\r\n")
            )
            #expect(allowed.status == 204)
            #expect(allowed["access-control-allow-origin"] == "https://a.example")
            #expect(allowed["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
            #expect(allowed["vary"] == "Origin")
            #expect(allowed["content-length"] == nil)
            let other = try server.response(
                to: request("OPTIONS /api/stats", preflight + "Origin: https://b.example\r\n")
            )
            #expect(other.status == 204)
            #expect(other["access-control-allow-origin"] == nil)
            #expect(other["vary"] == "Origin")
            // A refusal, too, can be read by a script that is allowed.
            let refusal = try server.response(
                to: request("GET /api/stats", "Origin: https://a.example\r\n")
            )
            #expect(refusal.status == 401)
            #expect(refusal["access-control-allow-origin"] == "https://a.example")
            let image = try server.response(
                to: request("OPTIONS /api/images/x", preflight + "Origin: https://b.example\r\n")
            )
            #expect(image["access-control-allow-origin"] == "*")
            #expect(try server.response(to: request("OPTIONS /nowhere", preflight)).status == 404)
        }
    }

    @Test func `the log has a line for each request and never a key`() throws {
        try ServerUnderTest.run { server throws in
            #expect(try server.response(to: request("GET /api/stats", Self.key)).status == 200)
            #expect(try server.response(to: request("GET /healthz?x=secret")).status == 200)
            let client = try server.connect()
            client.send("no HTTP\r\n\r\n")
            #expect(try client.responses(1)[0].status == 400)
            try server.run(until: "three lines are written") {
                server.log.text(of: .output).split(separator: "\n").count == 3
            }
            let lines = server.log.text(of: .output).split(separator: "\n")
            #expect(lines[0].contains(#"127.0.0.1 "GET /api/stats" 200 "#))
            #expect(lines[0].hasSuffix(" r"))
            #expect(lines[1].contains(#""GET /healthz" 200 "#))
            #expect(lines[2].contains(" 400 "))
            #expect(!server.log.text(of: .output).contains(ServerUnderTest.key))
        }
    }
}
