import HTTP1
import TestSupport
import Testing

/// A field section that comes again is compared instead of parsed; nothing but time may tell.
@Suite struct `Known field section` {
    /// Heads that are nearly the same: another path, method, version, case, value, place, end.
    static let requests = [
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /abc HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        "GET /a HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n : \r\n\r\n",
        "GET /a HTTP/1.1\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n!",
        "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n0\r\n\r\n",
        "PUT /a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n!",
        "PUT /a HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n!",
    ]

    @Test(arguments: requests)
    func `a request means after any other what it means alone`(_ second: String) {
        let alone = RequestTrace().events(second)
        for first in Self.requests {
            let before = RequestTrace().events(first)
            let expected = if case .error = before.last { before } else { before + alone }
            #expect(RequestTrace().events(first + second) == expected, "after \(first)")
        }
    }

    @Test func `a third request is compared with the second one, not with the first`() {
        let first = Self.requests[0]
        let third = RequestTrace().events(first)
        for second in Self.requests {
            let before = RequestTrace().events(first + second)
            let expected = if case .error = before.last { before } else { before + third }
            #expect(RequestTrace().events(first + second + first) == expected, "after \(second)")
        }
    }

    @Test func `a head that is kept is not changed by the same fields`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let bytes = Array((Self.requests[0] + Self.requests[1] + Self.requests[1]).utf8)
        var offset = 0
        var heads: [RequestHead] = []
        for _ in 0..<3 {
            #expect(try parser.next(bytes.span, at: &offset) == .head)
            heads.append(parser.head)
            #expect(try parser.next(bytes.span, at: &offset) == .end)
        }
        #expect(heads.map(\.pathText) == ["/a", "/b", "/b"])
        #expect(heads.map { $0.fields.first(.host) } == ["a", "a", "a"])
    }
}
