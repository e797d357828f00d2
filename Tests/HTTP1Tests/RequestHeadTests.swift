import HTTP1
import Testing

/// A valid or invalid Host value.
struct HostCase: Sendable {
    var value: String
    var isValid: Bool
}

@Suite struct `Request head` {
    static let hosts: [HostCase] =
        [
            "a", "example.com", "EXAMPLE.com:80", "127.0.0.1:8001", "localhost:", "[::1]",
            "[::1]:8001",
            "[fe80::1]:1", "a_b", "a%2Db", "a:65535", "a:00080", "", "x!$&'()*+,;=~",
        ].map { HostCase(value: $0, isValid: true) }
        + [
            "a b", "a/b", "a?b", "a#b", "a@b", "u@a:80", "a:b", "a:80:80", "a:-1", "a:65536",
            "a:000080",
            "[::1", "::1", "[]", "[::1]x", "[::1]:x", "a%2", "a%zz", "http://a", "a\\b", "a,b c",
            "\"a\"",
            "é", "[é]", "[%25]", "a|b",
        ].map { HostCase(value: $0, isValid: false) }

    @Test(arguments: hosts)
    func `Host is a host with or without a port`(_ host: HostCase) {
        let events = RequestTrace().events("GET / HTTP/1.1\r\nHost: \(host.value)\r\n\r\n")
        let accepted: [TraceEvent] = [.head("GET / HTTP/1.1 | Host=\(host.value)"), .end]
        #expect(events == (host.isValid ? accepted : [.error(.invalidHost, at: 22)]))
    }

    @Test func `HTTP/1.1 needs exactly one Host`() {
        let none = RequestTrace().events("GET / HTTP/1.1\r\nA: b\r\n\r\n")
        #expect(none == [.error(.missingHost, at: 22)])
        let two = RequestTrace().events("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n")
        #expect(two == [.error(.repeatedHost, at: 25)])
        let absolute = RequestTrace().events("GET http://a/ HTTP/1.1\r\n\r\n")
        #expect(absolute == [.error(.missingHost, at: 24)])
    }

    @Test func `HTTP/1.0 needs no Host and still not two`() {
        let none = RequestTrace().events("GET / HTTP/1.0\r\n\r\n")
        #expect(none == [.head("GET / HTTP/1.0 | close"), .end])
        let two = RequestTrace().events("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n")
        #expect(two == [.error(.repeatedHost, at: 25)])
    }

    @Test(arguments: [
        ("1.1", "", Persistence.keepAlive), ("1.0", "", .close),
        ("1.1", "Connection: close\r\n", .close), ("1.0", "Connection: keep-alive\r\n", .keepAlive),
        ("1.1", "Connection: Keep-Alive , CLOSE\r\n", .close),
        ("1.0", "Connection: keep-alive, close\r\n", .close),
        ("1.1", "Connection: upgrade\r\nConnection: close\r\n", .close),
        ("1.1", "Connection: closed\r\n", .keepAlive), ("1.1", "Connection:\r\n", .keepAlive),
        ("1.0", "Connection: upgrade\r\n", .close),
    ])
    func `persistence follows version and Connection`(
        _ version: String,
        _ fields: String,
        _ persistence: Persistence
    ) throws {
        let head = try head("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
        #expect(head.persistence == persistence)
    }

    @Test(arguments: [
        ("1.1", "Expect: 100-continue\r\nContent-Length: 5\r\n", true),
        ("1.1", "Expect: 100-CONTINUE\r\nTransfer-Encoding: chunked\r\n", true),
        ("1.1", "Expect: 100-continue, 100-continue\r\nContent-Length: 5\r\n", true),
        ("1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", false),
        ("1.1", "Expect: 100-continue\r\n", false),
        ("1.0", "Expect: 100-continue\r\nContent-Length: 5\r\n", false),
        ("1.1", "Content-Length: 5\r\n", false),
    ])
    func `100-continue counts when there is a body to wait for`(
        _ version: String,
        _ fields: String,
        _ expectsContinue: Bool
    ) throws {
        let head = try head("PUT / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
        #expect(head.expectsContinue == expectsContinue)
    }

    @Test(arguments: ["200-ok", "100-continue;a", "", "100-continue, x", "100 continue"])
    func `another expectation is refused`(_ value: String) throws {
        let events = RequestTrace().events("PUT / HTTP/1.1\r\nHost: a\r\nExpect: \(value)\r\n\r\n")
        guard case .error(let reason, _) = events.first else {
            Issue.record("accepted: \(events)")
            return
        }
        #expect(reason == .unsupportedExpectation)
        #expect(reason.status == .expectationFailed)
    }

    @Test func `a target in origin form is a path, from which the query is cut`() throws {
        let head = try head("GET /a/b?c=d?e HTTP/1.1\r\nHost: h:1\r\n\r\n")
        #expect(head.targetForm == .origin)
        #expect(head.targetText == "/a/b?c=d?e")
        #expect(head.pathText == "/a/b")
        for target in ["/a", "/a?"] {
            let head = try HTTP1Tests.head("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(head.pathText == "/a" && head.targetText == target)
        }
    }

    @Test(
        arguments: [
            ("http://h:1/a?b", "/a"), ("HTTPS://h", "/"), ("http://h?b", "/"),
            ("http://[::1]:1/", "/"),
        ]
    )
    func `a target in absolute form has its path behind the authority`(
        _ target: String,
        _ path: String
    ) throws {
        let head = try head("GET \(target) HTTP/1.1\r\nHost: other\r\n\r\n")
        #expect(head.targetForm == .absolute)
        #expect(head.pathText == path)
        #expect(head.targetText == target)
    }

    @Test func `the two other forms have no path`() throws {
        let asterisk = try head("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(asterisk.targetForm == .asterisk)
        #expect(asterisk.pathText.isEmpty && asterisk.targetText == "*")
        let authority = try head("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(authority.targetForm == .authority)
        #expect(authority.pathText.isEmpty && authority.targetText == "h:1")
    }
}
