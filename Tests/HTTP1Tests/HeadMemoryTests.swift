@testable import HTTP1
import TestSupport
import Testing

/// What a connection's parser keeps of heads that were answered.
@Suite struct HeadMemoryTests {
    private static let keptBytesMax = HTTPLimits.keptHeadBytesMax
    private static let start = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
    private static let body = Array("1\r\nx\r\n0\r\nT: u\r\n\r\n".utf8)

    /// A head of just so many bytes.
    private func head(byteCount: Int) -> [UInt8] {
        let framed = Self.start.utf8.count + "A: \r\n\r\n".utf8.count
        let value = String(repeating: "a", count: byteCount - framed)
        return Array("\(Self.start)A: \(value)\r\n\r\n".utf8)
    }

    private func read(
        _ bytes: [UInt8],
        cut: [Range<Int>],
        _ parser: inout RequestParser
    ) throws {
        var events: [RequestParser.Event] = []
        for range in cut {
            let piece = Array(bytes[range])
            var offset = 0
            var event = try parser.next(piece.span, at: &offset)
            while event != .needMoreData {
                events.append(event)
                event = try parser.next(piece.span, at: &offset)
            }
        }
        #expect(events.first == .head && events.last == .end)
    }

    private func keptBytes(_ parser: borrowing RequestParser) -> Int {
        parser.head.fields.storage.capacity
    }

    @Test(arguments: [Chunking.whole, .byteByByte, .seededRandom])
    func `a head is kept up to the limit, and one past it given back`(_ chunking: Chunking) throws {
        for (excess, isKept) in [(0, true), (1, false)] {
            let head = head(byteCount: Self.keptBytesMax + excess)
            let bytes = head + Self.body
            for cut in chunking.cuts(of: head.count) {
                var parser = RequestParser(limits: HTTPLimits())
                try read(bytes, cut: cut + [head.count..<bytes.count], &parser)
                let before = keptBytes(parser)
                #expect(before >= Self.keptBytesMax + excess)
                parser.headAnswered()
                #expect(keptBytes(parser) == (isKept ? before : 0))
            }
        }
    }

    @Test func `what came behind the pieces of a small head is given back, too`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let head = head(byteCount: 100)
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 0x4000)
        let bytes = head + Array("4000\r\n".utf8) + chunk + Array("\r\n0\r\n\r\n".utf8)
        try read(bytes, cut: [0..<1, 1..<bytes.count], &parser)
        #expect(keptBytes(parser) > Self.keptBytesMax)
        parser.headAnswered()
        #expect(keptBytes(parser) == 0)
    }

    @Test func `the next request is read as any other`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let long = head(byteCount: 30_000) + Self.body
        for bytes in [long, head(byteCount: 100) + Self.body, long, long] {
            try read(bytes, cut: [0..<bytes.count], &parser)
            #expect(parser.head.fields.first(.host) == "a")
            #expect(parser.trailers.count == 1)
            parser.headAnswered()
        }
    }
}
