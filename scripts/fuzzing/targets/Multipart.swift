import Bytes
import Multipart

/// The input is `[boundary: u8][cut: u8][body]`.
private let boundaryTexts = [
    "XX", "-", "aaab", "--", "a b", "----WebKitFormBoundary7MA4YWxkTrZu0gW",
]

/// Limits so small that the fuzzer finds them.
private let limits = MultipartLimits(
    partHeaderBytes: ByteCount(200),
    fieldsPerPart: 4,
    preambleBytes: ByteCount(40),
    transportPaddingBytes: ByteCount(4),
    parts: 5
)

/// Everything that a parser says, so that two runs compare; the content of a part runs together.
private struct Transcript: Equatable {
    var events: [MultipartParser.Event] = []
    var contents: [[UInt8]] = []
    var error: MultipartError?

    mutating func feed(_ piece: [UInt8], to parser: inout MultipartParser) throws(MultipartError) {
        let span = piece.span
        var offset = 0
        while true {
            let before = offset
            let event = try parser.next(span, at: &offset)
            precondition(before <= offset && offset <= piece.count, "the offset left the input")
            switch event {
            case .needMoreData:
                precondition(offset == piece.count, "input was left behind")
                return
            case .content(let range):
                precondition(before <= range.lowerBound && range.upperBound <= offset)
                precondition(!range.isEmpty, "an event about nothing")
                contents[contents.count - 1] += piece[range]
            case .heldContent(let range):
                precondition(!range.isEmpty, "an event about nothing")
                contents[contents.count - 1] += parser.delimiterBytes[range]
            case .partBegan:
                events.append(event)
                contents.append([])
            case .partEnded, .end:
                events.append(event)
            }
        }
    }
}

private func transcript(
    of body: [UInt8],
    pieceLengths: (Int) -> Int,
    boundary: Boundary
) -> Transcript {
    var transcript = Transcript()
    var parser = MultipartParser(boundary: boundary, limits: limits)
    var start = 0
    do throws(MultipartError) {
        while start < body.count {
            let end = min(body.count, start + max(1, pieceLengths(start)))
            try transcript.feed(Array(body[start..<end]), to: &parser)
            start = end
        }
        try parser.finish()
    } catch {
        precondition((error.offsetBytes ?? 0) <= body.count, "an error beyond the body")
        transcript.error = error
    }
    return transcript
}

private func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    bytes.span.firstIndex(of: needle) != nil
}

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard input.count >= 2 else { return 0 }
    let boundaryText = boundaryTexts[Int(input[0]) % boundaryTexts.count]
    guard let boundary = Boundary(boundaryText.utf8) else { preconditionFailure("no boundary") }
    let body = Array(input.dropFirst(2))
    let whole = transcript(of: body, pieceLengths: { _ in body.count }, boundary: boundary)
    let bytewise = transcript(of: body, pieceLengths: { _ in 1 }, boundary: boundary)
    precondition(whole == bytewise, "byte by byte: \(bytewise), whole: \(whole)")
    let step = UInt64(input[1]) &* 2_654_435_761 | 1
    let cut = transcript(
        of: body,
        pieceLengths: { Int((UInt64($0) &+ 1) &* step >> 7 & 15) },
        boundary: boundary
    )
    precondition(whole == cut, "cut: \(cut), whole: \(whole)")
    for content in whole.contents {
        let delimiter = boundary.delimiter
        precondition(!contains(content, delimiter + Array("--".utf8)), "a close delimiter inside")
        precondition(!contains(content, delimiter + Array("\r\n".utf8)), "a delimiter inside")
    }
    return 0
}
