import HTTP1
import TestSupport
import Testing

@Suite struct `Request parser` {
    @Test func `pipelined requests come in order`() {
        let text =
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
            + "\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
            + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n0\r\n\r\n"
            + "GET /4 HTTP/1.0\r\n\r\n"
        #expect(
            RequestTrace().events(text) == [
                .head("POST /1 HTTP/1.1 | Host=a | Content-Length=2 | length:2"), .body("hi"), .end,
                .head("GET /2 HTTP/1.1 | Host=a"), .end,
                .head("POST /3 HTTP/1.1 | Host=a | Transfer-Encoding=chunked | chunked"),
                .body("!"), .end,
                .head("GET /4 HTTP/1.0 | close"), .end,
            ]
        )
    }

    @Test func `an offset counts from the end of the previous request`() {
        let text = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nA : b\r\n\r\n"
        #expect(RequestTrace().events(text).last == .error(.whitespaceBeforeColon, at: 18))
    }

    @Test func `an error stays`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let bad = Array("GET / HTTP/1.1\r\nA : b".utf8)
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        for bytes in [bad, good, []] {
            var offset = 0
            do throws(HTTPError) {
                _ = try parser.next(bytes.span, at: &offset)
                Issue.record("accepted")
            } catch {
                #expect(error == HTTPError(.whitespaceBeforeColon, at: 17))
            }
        }
        // What is asked of a head that did not come gives empty answers.
        #expect(parser.head.targetText.isEmpty && parser.head.pathText.isEmpty)
    }

    @Test func `the target of an earlier request is not taken for that of a broken one`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let bytes = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b".utf8) + [0]
        var offset = 0
        #expect(try parser.next(bytes.span, at: &offset) == .head)
        #expect(parser.head.pathText == "/a")
        #expect(try parser.next(bytes.span, at: &offset) == .end)
        do throws(HTTPError) {
            _ = try parser.next(bytes.span, at: &offset)
            Issue.record("accepted")
        } catch {
            #expect(error.reason == .invalidTarget)
        }
        #expect(parser.head.pathText.isEmpty)
    }

    @Test(arguments: [
        ("", "", ""), ("\r\n", "", ""), ("GE", "", ""), ("GET", "", ""), ("G(", "", ""),
        ("GET ", "GET", ""), ("GET /a", "GET", ""), ("GET /a ", "GET", "/a"),
        ("GET /a\0", "GET", ""), ("GET /a\r\n", "GET", ""), ("\r\nPUT /a?b HTP", "PUT", "/a?b"),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "a"),
        ("GET /a HTTP/2.0\r\n", "GET", "/a"), ("BREW /a HTTP/1.1\r\nA : b", "BREW", "/a"),
        ("GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET", "/a"),
        (String(repeating: "A", count: 33), "", ""),
    ])
    func `of a head that is not finished it knows what was found`(
        _ text: String,
        _ method: String,
        _ target: String
    ) {
        let bytes = Array("GET /before HTTP/1.1\r\nHost: a\r\n\r\n\(text)".utf8)
        for cut in Chunking.allCases.flatMap({ $0.cuts(of: bytes.count) }) {
            var parser = RequestParser(limits: HTTPLimits())
            reading: for piece in cut {
                let input = Array(bytes[piece])
                var offset = 0
                do throws(HTTPError) {
                    while try parser.next(input.span, at: &offset) != .needMoreData {}
                } catch {
                    break reading
                }
            }
            let head = parser.unfinishedHead
            #expect(head.method.rawValue == method && head.targetText == target, "\(cut)")
            #expect(head.fields.isEmpty)
        }
    }

    @Test func `of a target that is too long it knows the beginning`() {
        let target = "/" + String(repeating: "a", count: 9_000)
        let bytes = Array("GET \(target)".utf8)
        var parser = RequestParser(limits: HTTPLimits())
        var offset = 0
        #expect(throws: HTTPError.self) { try parser.next(bytes.span, at: &offset) }
        let known = parser.unfinishedHead.targetText
        #expect(known == target.prefix(HTTPLimits().targetBytesMax))
    }

    @Test func `it knows when it is between requests`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let steps: [(String, [RequestParser.Event], Bool)] = [
            ("", [.needMoreData], true),
            ("\r", [.needMoreData], true),
            ("\n", [.needMoreData], true),
            ("G", [.needMoreData], false),
            (
                "ET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n", [.head, .needMoreData],
                false
            ),
            ("ab", [.body(0..<2)], false),
            ("", [.end, .needMoreData], true),
        ]
        for (text, expected, isBetween) in steps {
            let bytes = Array(text.utf8)
            var offset = 0
            for event in expected {
                #expect(try parser.next(bytes.span, at: &offset) == event)
            }
            #expect(parser.isBetweenRequests == isBetween)
        }
    }

    @Test func `a head stays valid while its body is read`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let text = "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        let bytes = Array(text.utf8)
        var offset = 0
        #expect(try parser.next(bytes.span, at: &offset) == .head)
        #expect(try parser.next(bytes.span, at: &offset) == .body(offset - 3..<offset))
        #expect(try parser.next(bytes.span, at: &offset) == .end)
        #expect(parser.head.pathText == "/up")
        #expect(parser.head.fields.first(.contentLength) == "3")
    }
}
