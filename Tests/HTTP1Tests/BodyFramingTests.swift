import HTTP1
import Testing

/// Framing fields of a POST, the bytes after the head, and what has to come of them.
struct FramingCase: CustomTestStringConvertible, Sendable {
    var sentence: String
    var fields: String
    var body: String
    var version = "1.1"
    var expected: [TraceEvent]?
    var reason: HTTPError.Reason?

    init(_ sentence: String, _ fields: String, body: String, _ expected: [TraceEvent]) {
        (self.sentence, self.fields, self.body) = (sentence, fields, body)
        self.expected = expected
    }

    init(
        _ sentence: String,
        _ fields: String,
        version: String = "1.1",
        refused reason: HTTPError.Reason
    ) {
        (self.sentence, self.fields, self.version) = (sentence, fields, version)
        (body, self.reason) = ("5\r\nhello\r\n0\r\n\r\n", reason)
    }

    var testDescription: String { sentence }
    var text: String { "POST / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\(body)" }
}

@Suite struct `Body framing` {
    static let accepted: [FramingCase] = [
        .init("no framing, no body", "", body: "", [.end]),
        .init("a length", "Content-Length: 5\r\n", body: "hello", [.body("hello"), .end]),
        .init("a length of zero", "Content-Length: 0\r\n", body: "", [.end]),
        .init("leading zeros", "Content-Length: 005\r\n", body: "hello", [.body("hello"), .end]),
        .init(
            "a body that has not ended",
            "Content-Length: 9\r\n",
            body: "hello",
            [.body("hello")]
        ),
        .init(
            "chunks",
            "Transfer-Encoding: chunked\r\n",
            body: "5\r\nhello\r\n0\r\n\r\n",
            [.body("hello"), .end]
        ),
        .init("chunked in upper case", "TRANSFER-ENCODING: CHUNKED\r\n", body: "0\r\n\r\n", [.end]),
    ]

    static let refused: [FramingCase] = [
        .init(
            "both",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            refused: .bothFramings
        ),
        .init(
            "both, turned round",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            refused: .bothFramings
        ),
        .init(
            "both, and the coding is empty",
            "Transfer-Encoding:\r\nContent-Length: 5\r\n",
            refused: .bothFramings
        ),
        .init(
            "two lengths",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            refused: .repeatedContentLength
        ),
        .init(
            "the same length twice",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            refused: .repeatedContentLength
        ),
        .init("a list of lengths", "Content-Length: 5, 5\r\n", refused: .invalidContentLength),
        .init("an empty length", "Content-Length:\r\n", refused: .invalidContentLength),
        .init("a sign", "Content-Length: +5\r\n", refused: .invalidContentLength),
        .init("a negative length", "Content-Length: -5\r\n", refused: .invalidContentLength),
        .init("a hexadecimal length", "Content-Length: 0x5\r\n", refused: .invalidContentLength),
        .init("a fraction", "Content-Length: 5.0\r\n", refused: .invalidContentLength),
        .init("a space in the length", "Content-Length: 5 5\r\n", refused: .invalidContentLength),
        .init("digits of another script", "Content-Length: ٥\r\n", refused: .invalidContentLength),
        .init("2^63", "Content-Length: 9223372036854775808\r\n", refused: .invalidContentLength),
        .init(
            "2^64 + 5",
            "Content-Length: 18446744073709551621\r\n",
            refused: .invalidContentLength
        ),
        .init("gzip", "Transfer-Encoding: gzip\r\n", refused: .unsupportedTransferCoding),
        .init("identity", "Transfer-Encoding: identity\r\n", refused: .unsupportedTransferCoding),
        .init(
            "gzip, chunked",
            "Transfer-Encoding: gzip, chunked\r\n",
            refused: .unsupportedTransferCoding
        ),
        .init("xchunked", "Transfer-Encoding: xchunked\r\n", refused: .unsupportedTransferCoding),
        .init(
            "gzip with a parameter",
            "Transfer-Encoding: gzip;q=1\r\n",
            refused: .unsupportedTransferCoding
        ),
        .init(
            "chunked is not final",
            "Transfer-Encoding: chunked, gzip\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "chunked twice",
            "Transfer-Encoding: chunked, chunked\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "chunked on two lines",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "identity on a second line",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            refused: .invalidTransferEncoding
        ),
        .init("an empty coding", "Transfer-Encoding:\r\n", refused: .invalidTransferEncoding),
        .init(
            "an empty element after it",
            "Transfer-Encoding: chunked,\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "an empty element before it",
            "Transfer-Encoding: ,chunked\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "chunked with a parameter",
            "Transfer-Encoding: chunked;a=b\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "chunked in quotes",
            "Transfer-Encoding: \"chunked\"\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "chunked and a word",
            "Transfer-Encoding: chunked identity\r\n",
            refused: .invalidTransferEncoding
        ),
        .init(
            "a vertical tab before it",
            "Transfer-Encoding: \u{0B}chunked\r\n",
            refused: .invalidFieldValue
        ),
        .init(
            "a coding in HTTP/1.0",
            "Transfer-Encoding: chunked\r\n",
            version: "1.0",
            refused: .transferEncodingInHTTP10
        ),
    ]

    @Test(arguments: accepted)
    func `gives the body`(_ framing: FramingCase) {
        let events = RequestTrace().events(framing.text)
        #expect(Array(events.dropFirst()) == framing.expected)
    }

    @Test(arguments: refused)
    func `is refused`(_ framing: FramingCase) {
        let events = RequestTrace().events(framing.text)
        guard case .error(let reason, let offset) = events.first else {
            Issue.record("accepted: \(events)")
            return
        }
        #expect(reason == framing.reason)
        let headCount = framing.text.utf8.count - framing.body.utf8.count
        #expect((25..<headCount).contains(offset))
    }

    @Test func `the largest length is 2^63 - 1`() throws {
        let head = try head(
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n"
        )
        #expect(head.framing == .contentLength(UInt64(Int64.max)))
    }

    @Test func `a method without a defined body may have one`() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        #expect(RequestTrace().events(text).dropFirst() == [.body("hi"), .end])
    }
}
