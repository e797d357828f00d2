import HTTP1
import TestSupport
import Testing

/// One chunked body and what has to come of it.
struct ChunkedCase: CustomTestStringConvertible, Sendable {
    var sentence: String
    var body: String
    var expected: [TraceEvent]

    /// The head before the body.
    static let start = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    init(_ sentence: String, _ body: String, gives text: String) {
        (self.sentence, self.body) = (sentence, body)
        expected = text.isEmpty ? [.end] : [.body(text), .end]
    }

    init(
        _ sentence: String,
        _ body: String,
        after text: String = "",
        _ reason: HTTPError.Reason,
        at offset: Int
    ) {
        (self.sentence, self.body) = (sentence, body)
        let error = TraceEvent.error(reason, at: Self.start.utf8.count + offset)
        expected = text.isEmpty ? [error] : [.body(text), error]
    }

    var testDescription: String { sentence }
}

@Suite struct `Chunked decoder` {
    static let accepted: [ChunkedCase] = [
        .init("nothing", "0\r\n\r\n", gives: ""),
        .init("one chunk", "5\r\nhello\r\n0\r\n\r\n", gives: "hello"),
        .init("two chunks", "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", gives: "hello"),
        .init("line ends as data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", gives: "\r\n\r\n"),
        .init(
            "upper and lower case digits",
            "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
            gives: "01234567890123456789"
        ),
        .init("sixteen digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", gives: "hello"),
        .init("zero written long", "000\r\n\r\n", gives: ""),
        .init("an extension", "5;a\r\nhello\r\n0\r\n\r\n", gives: "hello"),
        .init("an extension with a value", "5;a=b;c=d\r\nhello\r\n0;e=f\r\n\r\n", gives: "hello"),
        .init("an extension in quotes", "5;a=\"b;\\\"\t\"\r\nhello\r\n0\r\n\r\n", gives: "hello"),
        .init("trailers", "0\r\nA: b\r\nC: d\r\n\r\n", gives: ""),
    ]

    static let refused: [ChunkedCase] = [
        .init("no size", "\r\n", .invalidChunkSize, at: 0),
        .init("a sign", "+5\r\nhello", .invalidChunkSize, at: 0),
        .init("a minus", "-5\r\nhello", .invalidChunkSize, at: 0),
        .init("0x", "0x5\r\nhello", .invalidChunkSize, at: 1),
        .init("a space before", " 5\r\nhello", .invalidChunkSize, at: 0),
        .init("a space after", "5 \r\nhello", .invalidChunkSize, at: 1),
        .init("a space before the extension", "5 ;a\r\nhello", .invalidChunkSize, at: 1),
        .init("an underscore", "1_0\r\nhello", .invalidChunkSize, at: 1),
        .init("seventeen digits", "00000000000000005\r\nhello", .chunkSizeTooLarge, at: 16),
        .init("2^63", "8000000000000000\r\nhello", .chunkSizeTooLarge, at: 15),
        .init("2^64 + 5", "10000000000000005\r\nhello", .chunkSizeTooLarge, at: 16),
        .init("LF ends the size", "5\nhello", .bareLineFeed, at: 1),
        .init("CR alone ends the size", "5\rhello", .bareCarriageReturn, at: 1),
        .init("an extension without a name", "5;\r\nhello", .invalidChunkExtension, at: 2),
        .init("an extension without a value", "5;a=\r\nhello", .invalidChunkExtension, at: 4),
        .init("a space in an extension", "5; a\r\nhello", .invalidChunkExtension, at: 2),
        .init("NUL in an extension", "5;a\0\r\nhello", .invalidChunkExtension, at: 3),
        .init("a quote that does not end", "5;a=\"b\r\nhello", .invalidChunkExtension, at: 6),
        .init("text behind a quote", "5;a=\"b\"c\r\nhello", .invalidChunkExtension, at: 7),
        .init("LF ends an extension", "5;a\nhello", .bareLineFeed, at: 3),
        .init("LF in a quote", "5;a=\"\n\"\r\nhello", .bareLineFeed, at: 5),
        .init("too much data", "5\r\nhello!\r\n", after: "hello", .invalidChunkEnd, at: 8),
        .init(
            "LF after the data",
            "5\r\nhello\n0\r\n\r\n",
            after: "hello",
            .invalidChunkEnd,
            at: 8
        ),
        .init("CR X after the data", "5\r\nhello\rX", after: "hello", .invalidChunkEnd, at: 9),
        .init("LF for the last line", "0\r\n\n", .bareLineFeed, at: 3),
        .init("data after the last chunk", "0\r\nhello", .missingColon, at: 8),
        .init("a trailer that is folded", "0\r\nA: b\r\n c\r\n\r\n", .obsoleteFolding, at: 9),
        .init("a trailer without colon", "0\r\nA\r\n\r\n", .missingColon, at: 4),
        .init(
            "Content-Length as trailer",
            "0\r\nA: b\r\nContent-Length: 5\r\n\r\n",
            .forbiddenTrailer,
            at: 9
        ),
        .init(
            "Transfer-Encoding as trailer",
            "0\r\nTransfer-Encoding: chunked\r\n\r\n",
            .forbiddenTrailer,
            at: 3
        ),
        .init(
            "Host as trailer",
            "5\r\nhello\r\n0\r\nhOST: b\r\n\r\n",
            after: "hello",
            .forbiddenTrailer,
            at: 13
        ),
    ]

    @Test(arguments: accepted)
    func `gives the data`(_ chunked: ChunkedCase) {
        let events = RequestTrace().events(ChunkedCase.start + chunked.body)
        #expect(Array(events.dropFirst()) == chunked.expected)
    }

    @Test(arguments: refused)
    func `refuses`(_ chunked: ChunkedCase) {
        var body = chunked.body
        // The case of data after the last chunk reads as a field line that never ends.
        if case .error(.missingColon, _) = chunked.expected.last { body += "\r\n" }
        let events = RequestTrace().events(ChunkedCase.start + body)
        #expect(Array(events.dropFirst()) == chunked.expected)
    }

    @Test func `the next request begins right behind the last chunk`() {
        let text = ChunkedCase.start + "0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n"
        let events = RequestTrace().events(text)
        #expect(events.count == 4)
        #expect(events.dropFirst(2) == [.head("GET /next HTTP/1.1 | Host=a"), .end])
    }

    @Test(arguments: Chunking.allCases)
    func `trailers are kept apart from the header fields`(_ chunking: Chunking) throws {
        let text = ChunkedCase.start + "0\r\nDigest: x\r\nAuthorization: y\r\n\r\n"
        let bytes = Array(text.utf8)
        for cut in chunking.cuts(of: bytes.count) {
            var parser = RequestParser(limits: HTTPLimits())
            var ended = false
            for piece in cut {
                let part = Array(bytes[piece])
                var offset = 0
                while true {
                    let event = try parser.next(part.span, at: &offset)
                    if event == .end { ended = true }
                    if event == .needMoreData { break }
                }
            }
            #expect(ended)
            #expect(parser.trailers.count == 2)
            #expect(parser.trailers.first(FieldName("digest")) == "x")
            #expect(parser.head.fields.count == 2)
            #expect(!parser.head.fields.contains(.authorization))
        }
    }

    @Test func `trailers do not outlive their request`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let text = ChunkedCase.start + "0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let bytes = Array(text.utf8)
        var offset = 0
        for expected in [RequestParser.Event.head, .end] {
            #expect(try parser.next(bytes.span, at: &offset) == expected)
        }
        #expect(parser.trailers.count == 1)
        #expect(try parser.next(bytes.span, at: &offset) == .head)
        #expect(parser.trailers.isEmpty)
    }

    @Test func `a decoder can be used again`() throws {
        var decoder = ChunkedDecoder(limits: HTTPLimits())
        for text in ["3\r\nabc\r\n0\r\nA: b\r\n\r\n", "2\r\nde\r\n0\r\nC: d\r\n\r\n"] {
            let bytes = Array(text.utf8)
            var offset = 0
            let dataCount = bytes[0] == UInt8(ascii: "3") ? 3 : 2
            let data = try decoder.next(bytes.span, at: &offset)
            #expect(data == .data(3..<3 + dataCount))
            let end = try decoder.next(bytes.span, at: &offset)
            #expect(end == .end)
            #expect(offset == bytes.count)
            #expect(decoder.trailers.count == 1)
            let again = try decoder.next(bytes.span, at: &offset)
            #expect(again == .end)
            decoder.reset()
        }
    }
}
