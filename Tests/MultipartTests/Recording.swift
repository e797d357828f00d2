import Multipart

/// What a parser said about a body, in a form that does not depend on how the body was cut.
struct Recording: Equatable, CustomStringConvertible {
    enum Entry: Equatable {
        case partBegan(PartHead)
        case content([UInt8])
        case partEnded
        case end
        case error(MultipartError)
    }

    private(set) var entries: [Entry] = []

    /// Feeds a body in the given pieces, each with a delimiter before and behind it in memory that
    /// would change the events if the parser looked beyond what it is given.
    init(
        of body: [UInt8],
        cut: [Range<Int>],
        boundary: Boundary,
        limits: MultipartLimits = MultipartLimits()
    ) {
        var parser = MultipartParser(boundary: boundary, limits: limits)
        do throws(MultipartError) {
            for range in cut {
                try feed(body[range], around: boundary.delimiter, to: &parser)
            }
            try parser.finish()
        } catch {
            entries.append(.error(error))
        }
    }

    private mutating func feed(
        _ piece: ArraySlice<UInt8>,
        around junk: [UInt8],
        to parser: inout MultipartParser
    ) throws(MultipartError) {
        let bytes = Array(piece)
        let buffer = junk + bytes + junk
        let span = buffer.span.extracting(junk.count..<junk.count + bytes.count)
        var offset = 0
        while true {
            let before = offset
            let event = try parser.next(span, at: &offset)
            precondition(offset >= before && offset <= piece.count)
            switch event {
            case .needMoreData:
                precondition(offset == piece.count, "the parser left bytes behind")
                return
            case .partBegan(let head): entries.append(.partBegan(head))
            case .content(let range):
                precondition(!range.isEmpty && range.lowerBound >= before)
                precondition(range.upperBound <= offset)
                append(bytes[range])
            case .heldContent(let range):
                precondition(!range.isEmpty)
                append(parser.delimiterBytes[range])
            case .partEnded: entries.append(.partEnded)
            case .end: entries.append(.end)
            }
        }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if case .content(let before) = entries.last {
            entries[entries.count - 1] = .content(before + bytes)
        } else {
            entries.append(.content(Array(bytes)))
        }
    }

    var description: String { entries.map(Self.describe).joined(separator: "\n") }

    private static func describe(_ entry: Entry) -> String {
        switch entry {
        case .partBegan(let head):
            "part name=\(quote(head.name)) filename=\(quote(head.filename))"
                + " type=\(quote(head.contentType))"
        case .content(let bytes): "content \(quote(String(decoding: bytes, as: UTF8.self)))"
        case .partEnded: "part ended"
        case .end: "end"
        case .error(let error):
            "error \(error.status) \(error.code)"
                + (error.offsetBytes.map { " at \($0)" } ?? "")
        }
    }

    private static func quote(_ text: String?) -> String {
        guard let text else { return "-" }
        return "\"" + text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined() + "\""
    }
}
