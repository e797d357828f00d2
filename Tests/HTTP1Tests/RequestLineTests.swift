import HTTP1
import Testing

/// One request line and what has to come of it.
struct RequestLineCase: CustomTestStringConvertible, Sendable {
    var sentence: String
    var line: String
    var expected: [TraceEvent]

    init(_ sentence: String, _ line: String, accepted summary: String) {
        (self.sentence, self.line) = (sentence, line)
        expected = [.head(summary + " | Host=a"), .end]
    }

    init(_ sentence: String, _ line: String, _ reason: HTTPError.Reason, at offset: Int) {
        (self.sentence, self.line) = (sentence, line)
        expected = [.error(reason, at: offset)]
    }

    var testDescription: String { sentence }
}

@Suite struct `Request line` {
    static let accepted: [RequestLineCase] = [
        .init("a path", "GET / HTTP/1.1\r\n", accepted: "GET / HTTP/1.1"),
        .init("a query", "GET /a?b=c?d HTTP/1.1\r\n", accepted: "GET /a?b=c?d HTTP/1.1"),
        .init("one empty line before it", "\r\nGET / HTTP/1.1\r\n", accepted: "GET / HTTP/1.1"),
        .init("an unknown method", "M-SEARCH / HTTP/1.1\r\n", accepted: "M-SEARCH / HTTP/1.1"),
        .init("methods differ by case", "get / HTTP/1.1\r\n", accepted: "get / HTTP/1.1"),
        .init("two slashes", "GET //a HTTP/1.1\r\n", accepted: "GET //a HTTP/1.1"),
        .init(
            "what browsers leave as it is",
            "GET /|^[{ HTTP/1.1\r\n",
            accepted: "GET /|^[{ HTTP/1.1"
        ),
        .init(
            "an absolute URI",
            "GET http://h/p HTTP/1.1\r\n",
            accepted: "GET http://h/p HTTP/1.1"
        ),
        .init("the asterisk for OPTIONS", "OPTIONS * HTTP/1.1\r\n", accepted: "OPTIONS * HTTP/1.1"),
        .init(
            "host and port for CONNECT",
            "CONNECT h:1 HTTP/1.1\r\n",
            accepted: "CONNECT h:1 HTTP/1.1"
        ),
        .init("HTTP/1.0", "GET / HTTP/1.0\r\n", accepted: "GET / HTTP/1.0"),
    ]

    static let refused: [RequestLineCase] = [
        .init("two empty lines before it", "\r\n\r\nGET / HTTP/1.1\r\n", .invalidMethod, at: 2),
        .init("a bare LF before it", "\nGET / HTTP/1.1\r\n", .bareLineFeed, at: 0),
        .init("a bare CR before it", "\rGET / HTTP/1.1\r\n", .bareCarriageReturn, at: 0),
        .init("a space before it", " GET / HTTP/1.1\r\n", .invalidMethod, at: 0),
        .init("a TLS hello", "\u{16}\u{03}\u{01}", .invalidMethod, at: 0),
        .init("a comma in the method", "G,T / HTTP/1.1\r\n", .invalidMethod, at: 1),
        .init("NUL in the method", "G\0T / HTTP/1.1\r\n", .invalidMethod, at: 1),
        .init("a method alone", "GET\r\n", .invalidRequestLine, at: 3),
        .init("a tab after the method", "GET\t/ HTTP/1.1\r\n", .invalidRequestLine, at: 3),
        .init("two spaces after the method", "GET  / HTTP/1.1\r\n", .invalidRequestLine, at: 4),
        .init("two spaces after the target", "GET /  HTTP/1.1\r\n", .invalidRequestLine, at: 6),
        .init("a space after the version", "GET / HTTP/1.1 \r\n", .invalidRequestLine, at: 14),
        .init("HTTP/0.9 without version", "GET /\r\n", .invalidRequestLine, at: 5),
        .init("a tab in the target", "GET /\tx HTTP/1.1\r\n", .invalidRequestLine, at: 5),
        .init("a fragment", "GET /a#b HTTP/1.1\r\n", .fragmentInTarget, at: 6),
        .init("raw UTF-8 in the target", "GET /é HTTP/1.1\r\n", .invalidTarget, at: 5),
        .init("NUL in the target", "GET /\0 HTTP/1.1\r\n", .invalidTarget, at: 5),
        .init("DEL in the target", "GET /\u{7F} HTTP/1.1\r\n", .invalidTarget, at: 5),
        .init("CR in the target", "GET /\rx HTTP/1.1\r\n", .invalidRequestLine, at: 5),
        .init("no slash", "GET a HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("the asterisk for GET", "GET * HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("another scheme", "GET ftp://h/ HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("an empty host", "GET http:///p HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("a user in the URI", "GET http://u@h/ HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("no port for CONNECT", "CONNECT h HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("a path for CONNECT", "CONNECT /h:1 HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("lower-case http", "GET / http/1.1\r\n", .invalidVersion, at: 6),
        .init("another protocol", "GET / HTTPS/1.1\r\n", .invalidVersion, at: 10),
        .init("two digits", "GET / HTTP/1.10\r\n", .invalidVersion, at: 14),
        .init("no minor version", "GET / HTTP/1\r\n", .invalidRequestLine, at: 12),
        .init("a comma for the point", "GET / HTTP/1,1\r\n", .invalidVersion, at: 12),
        .init("a letter for a digit", "GET / HTTP/x.1\r\n", .invalidVersion, at: 11),
        .init("NUL for a digit", "GET / HTTP/\0.1\r\n", .invalidVersion, at: 11),
        .init("HTTP/1.2", "GET / HTTP/1.2\r\n", .unsupportedVersion, at: 6),
        .init("HTTP/0.9", "GET / HTTP/0.9\r\n", .unsupportedVersion, at: 6),
        .init("the preface of HTTP/2", "PRI * HTTP/2.0\r\n", .unsupportedVersion, at: 6),
        .init("LF alone ends it", "GET / HTTP/1.1\n", .bareLineFeed, at: 14),
        .init("CR alone ends it", "GET / HTTP/1.1\rHost: a\r\n", .bareCarriageReturn, at: 14),
        .init("LF after the target", "GET /\n", .bareLineFeed, at: 5),
        .init("LF after the method", "GET\n", .bareLineFeed, at: 3),
    ]

    @Test(arguments: accepted)
    func `is accepted`(_ line: RequestLineCase) {
        let events = RequestTrace().events(line.line + "Host: a\r\n\r\n")
        var expected = line.expected
        if line.line.contains("1.0"), case .head(let summary) = expected[0] {
            expected[0] = .head(summary + " | close")
        }
        #expect(events == expected)
    }

    @Test(arguments: refused)
    func `is refused`(_ line: RequestLineCase) {
        #expect(RequestTrace().events(line.line + "Host: a\r\n\r\n") == line.expected)
    }

    @Test func `each registered method is recognized`() throws {
        let methods: [(String, Method)] = [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
            ("OPTIONS", .options), ("PATCH", .patch), ("TRACE", .trace), ("GETS", .other("GETS")),
            ("Get", .other("Get")),
        ]
        for (name, method) in methods {
            let head = try head("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(head.method == method)
            #expect(head.method.rawValue == name)
        }
        #expect(try head("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n").method == .connect)
    }
}
