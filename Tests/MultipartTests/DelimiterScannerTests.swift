import Bytes
import Multipart
import TestSupport
import Testing

/// What the case files are too small for: buffers as large as the server's, content made to look
/// like delimiters, and what is kept between calls.
@Suite struct DelimiterScannerTests {
    private static let bufferBytes = 4_096

    @Test func `a delimiter may stand at every distance from the edge of a buffer`() throws {
        let boundary = try Forms.boundary()
        let delimiter = Forms.bytes("\r\n--XX \t\r\n")
        let opening = Forms.partOpening
        for distance in 0...delimiter.count + 1 {
            let fillerCount = Self.bufferBytes - opening.count - distance
            let filler = [UInt8](repeating: UInt8(ascii: "\r"), count: fillerCount)
            let body =
                opening + filler + delimiter + opening.dropFirst("--XX\r\n".utf8.count)
                + filler + Forms.closeDelimiter
            let cut = stride(from: 0, to: body.count, by: Self.bufferBytes).map {
                $0..<min(body.count, $0 + Self.bufferBytes)
            }
            let recording = Recording(of: body, cut: cut, boundary: boundary)
            let head = Recording.Entry.partBegan(PartHead(name: "a"))
            let part: [Recording.Entry] = [head, .content(filler), .partEnded]
            #expect(recording.entries == part + part + [.end], "distance \(distance)")
        }
    }

    @Test(arguments: 1...40)
    func `content made of pieces of delimiters comes out as it went in`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let pieces = ["\r", "\n", "-", "--", "X", "XX", " ", "\t", "y", "\r\n--X", "\r\n--XX"]
        var content: [UInt8] = []
        for _ in 0..<200 {
            content += Forms.bytes(pieces.randomElement(using: &random) ?? "")
            // A delimiter among them is followed by what makes it data.
            if content.suffix(6) == Forms.bytes("\r\n--XX") { content.append(UInt8(ascii: "y")) }
        }
        content.append(UInt8(ascii: "."))
        let body = Forms.partOpening + Forms.bytes(".") + content + Forms.closeDelimiter
        let entries = try Forms.recording(of: body).entries
        #expect(entries.dropFirst() == [.content(Forms.bytes(".") + content), .partEnded, .end])
    }

    @Test func `content between two candidates is one range`() throws {
        var parser = MultipartParser(boundary: try Forms.boundary())
        let body = Forms.partOpening + Forms.bytes("a\rb\r\nc\r\n--d\r\n--XXe\r\n--XX- f\r\n--XX g")
        var offset = 0
        _ = try parser.next(body.span, at: &offset)
        let event = try parser.next(body.span, at: &offset)
        #expect(event == .content(Forms.partOpening.count..<body.count))
    }

    @Test func `held content is a range of the delimiter and what followed it`() throws {
        var parser = MultipartParser(boundary: try Forms.boundary())
        let first = Forms.partOpening + Forms.bytes("a\r\n--XX \t")
        var offset = 0
        _ = try parser.next(first.span, at: &offset)
        let start = Forms.partOpening.count
        let content = try parser.next(first.span, at: &offset)
        #expect(content == .content(start..<start + 1))
        let more = try parser.next(first.span, at: &offset)
        #expect(more == .needMoreData)
        let second = Forms.bytes("b")
        offset = 0
        let held = try parser.next(second.span, at: &offset)
        #expect(held == .heldContent(0..<8))
        #expect(parser.delimiterBytes == Forms.bytes("\r\n--XX \t"))
        #expect(offset == 0)
        let rest = try parser.next(second.span, at: &offset)
        #expect(rest == .content(0..<1))
    }

    @Test func `a beginning without line end is held without one`() throws {
        var parser = MultipartParser(boundary: try Forms.boundary())
        let first = Forms.partOpening + Forms.bytes("--X")
        var offset = 0
        _ = try parser.next(first.span, at: &offset)
        let more = try parser.next(first.span, at: &offset)
        #expect(more == .needMoreData)
        offset = 0
        let held = try parser.next(Forms.bytes("y").span, at: &offset)
        #expect(held == .heldContent(2..<5))
        #expect(Array(parser.delimiterBytes[2..<5]) == Forms.bytes("--X"))
    }
}
