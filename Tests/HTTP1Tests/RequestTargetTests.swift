import Bytes
import HTTP1
import Testing

/// The parts of a target as a whole request gives them (RFC 9112 §3.2).
@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("GET /a/b?c=d HTTP/1.1", RequestTarget.Form.origin, "/a/b"),
        ("GET /a? HTTP/1.1", .origin, "/a"),
        ("GET http://h/a?b HTTP/1.1", .absolute, "/a"),
        ("GET http://h HTTP/1.1", .absolute, "/"),
        ("OPTIONS * HTTP/1.1", .asterisk, ""),
        ("CONNECT h:1 HTTP/1.1", .authority, ""),
    ])
    func `a target is taken apart by its form`(
        line: String,
        form: RequestTarget.Form,
        path: String
    ) throws {
        let host = line.hasPrefix("CONNECT") ? "h:1" : "h"
        let bytes = Array("\(line)\r\nHost: \(host)\r\n\r\n".utf8)
        var parser = RequestParser(limits: HTTPLimits())
        var offset = 0
        let event = try parser.next(bytes.span, at: &offset)
        #expect(event == .head)
        let head = parser.head
        #expect(head.targetForm == form)
        #expect(head.pathText == path)
    }
}
