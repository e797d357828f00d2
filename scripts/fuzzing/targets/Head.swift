import Bytes
import HTTP1

/// Fuzzes heads and the requests behind them: whatever comes, the parser gives events or an
/// `HTTPError`, never reads outside the input, and does not care how the input is cut.
///
/// The first byte of the input seeds the cut; the rest is what a client sends.
@c(LLVMFuzzerTestOneInput)
public func fuzzHead(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    // SAFETY: libFuzzer promises `count` readable bytes for the time of this call.
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))
    let input = Array(bytes.dropFirst())
    let whole = trace(input, pieceBytes: max(1, input.count))
    let pieces = trace(input, pieceBytes: 1 + Int(bytes[0]) % 61)
    precondition(whole == pieces, "the cut changed the events:\n\(whole)\n\(pieces)")
    return 0
}

/// Writes down what the parser says, adjacent pieces of bodies as one.
private func trace(_ input: [UInt8], pieceBytes: Int) -> [String] {
    var parser = RequestParser(limits: HTTPLimits())
    var events: [String] = []
    var body: [UInt8] = []
    var start = 0
    while start < input.count {
        let piece = Array(input[start..<min(start + pieceBytes, input.count)])
        start += piece.count
        var offset = 0
        do throws(HTTPError) {
            var event = try parser.next(piece.span, at: &offset)
            while event != .needMoreData {
                precondition(offset <= piece.count)
                if case .body(let range) = event {
                    body += piece[range]
                } else {
                    events.append("\(body) \(event) \(summary(parser.head))")
                    body = []
                }
                event = try parser.next(piece.span, at: &offset)
            }
        } catch {
            precondition(error.offset >= 0 && error.offset <= input.count + 1)
            return events + ["\(body) \(error)"]
        }
        precondition(offset == piece.count, "all is read before more is asked for")
    }
    return events + ["\(body)"]
}

/// Asks for everything that a head has, so that a wrong range in it shows.
private func summary(_ head: borrowing RequestHead) -> String {
    var text = "\(head.method) \(head.withTarget { $0.copy() }) \(head.withPath { $0.copy() })"
    text += " \(head.framing) \(head.persistence) \(head.expectsContinue)"
    for index in 0..<head.fields.count {
        let name = FieldName(head.fields.name(at: index))
        precondition(head.fields.contains(name) && head.fields.count(of: name) > 0)
        text += " \(head.fields.name(at: index)):\(head.fields.value(at: index))"
    }
    return text
}
