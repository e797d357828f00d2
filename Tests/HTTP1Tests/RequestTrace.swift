import Bytes
import HTTP1
import TestSupport
import Testing

/// What a request parser made of some bytes, in a form that cuts do not change.
enum TraceEvent: Equatable, CustomStringConvertible {
    case head(String)
    case body(String)
    case end
    case error(HTTPError.Reason, at: Int)

    var description: String {
        switch self {
        case .head(let summary): "head \(summary)"
        case .body(let text): "body \(text.debugDescription)"
        case .end: "end"
        case .error(let reason, let offset): "\(reason.rawValue) at \(offset)"
        }
    }
}

/// Feeds bytes to a request parser in pieces and writes down what it says.
struct RequestTrace {
    var limits = HTTPLimits()

    /// Stands around every piece: before the offset, where a parser must not look again, and behind
    /// the end, where it must not look at all.
    ///
    /// These bytes would be refused everywhere but in a body.
    private static let junk = [UInt8](repeating: 0, count: 9)

    /// Parses under one cut.
    func events(_ bytes: [UInt8], cut: [Range<Int>]) -> [TraceEvent] {
        var parser = RequestParser(limits: limits)
        var events: [TraceEvent] = []
        for piece in cut {
            let memory = Self.junk + bytes[piece] + Self.junk
            let input = memory.span.extracting(0..<Self.junk.count + piece.count)
            var offset = Self.junk.count
            do throws(HTTPError) {
                try feed(&parser, input, &offset, &events)
            } catch {
                events.append(.error(error.reason, at: error.offset))
                return events
            }
            #expect(offset == input.count, "everything is read when more is asked for")
        }
        return events
    }

    private func feed(
        _ parser: inout RequestParser,
        _ input: Span<UInt8>,
        _ offset: inout Int,
        _ events: inout [TraceEvent]
    ) throws(HTTPError) {
        while true {
            let before = offset
            let event = try parser.next(input, at: &offset)
            #expect(offset >= before && offset <= input.count)
            switch event {
            case .needMoreData:
                return
            case .head:
                events.append(.head(Self.summary(parser.head)))
            case .body(let range):
                #expect(!range.isEmpty && range.lowerBound >= before && range.upperBound <= offset)
                Self.appendBody(String(decoding: input.copy(range), as: UTF8.self), &events)
            case .end:
                events.append(.end)
            }
        }
    }

    private static func appendBody(_ text: String, _ events: inout [TraceEvent]) {
        guard case .body(let earlier) = events.last else {
            events.append(.body(text))
            return
        }
        events[events.count - 1] = .body(earlier + text)
    }

    static func summary(_ head: RequestHead) -> String {
        var parts = ["\(head.method) \(head.targetText) \(head.version.rawValue)"]
        for index in 0..<head.fields.count {
            parts.append("\(head.fields.name(at: index))=\(head.fields.value(at: index))")
        }
        switch head.framing {
        case .none: break
        case .contentLength(let length): parts.append("length:\(length)")
        case .chunked: parts.append("chunked")
        }
        if head.expectsContinue { parts.append("continue") }
        if head.persistence == .close { parts.append("close") }
        return parts.joined(separator: " | ")
    }

    /// Parses under all the given cuts, requires that each gives the same, and returns that.
    func events(
        _ bytes: [UInt8],
        under chunkings: [Chunking] = Chunking.allCases,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [TraceEvent] {
        let whole = events(bytes, cut: [0..<bytes.count])
        for chunking in chunkings {
            for cut in chunking.cuts(of: bytes.count) {
                let events = events(bytes, cut: cut)
                guard events != whole else { continue }
                Issue.record("\(chunking) \(cut): \(events)", sourceLocation: sourceLocation)
                return whole
            }
        }
        return whole
    }

    /// Parses text under all cuts.
    func events(
        _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [TraceEvent] {
        events(Array(text.utf8), sourceLocation: sourceLocation)
    }
}

extension RequestHead {
    var targetText: String { withTarget { String(decoding: $0.copy(), as: UTF8.self) } }
    var pathText: String { withPath { String(decoding: $0.copy(), as: UTF8.self) } }
}

/// Parses a request that has to be accepted, and gives its head.
func head(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> RequestHead {
    var parser = RequestParser(limits: HTTPLimits())
    let bytes = Array(text.utf8)
    var offset = 0
    let event = try parser.next(bytes.span, at: &offset)
    try #require(event == .head, sourceLocation: sourceLocation)
    return parser.head
}
