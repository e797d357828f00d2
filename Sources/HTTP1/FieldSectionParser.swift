/// Reads a header or trailer section up to its closing empty line (RFC 9112 §5, §7.1.2).
///
/// ```
/// lineStart ──tchar──▶ name ──":"──▶ valueStart ──▶ value ──CR──▶ lineEnd ──LF──▶ lineStart
///     └──CR──▶ sectionEnd ──LF──▶ done
/// ```
/// One pass that can stop before any byte, as `RequestLineParser`. Nothing is repaired: a line that
/// two readers could understand differently (bare CR or LF, folding, white space before the colon,
/// control characters) is refused.
struct FieldSectionParser {
    private enum Phase: UInt8 { case lineStart, name, valueStart, value, lineEnd, sectionEnd, done }

    private var phase = Phase.lineStart
    private let sectionStart: Int
    private let bytesMax: Int
    private let countMax: Int
    private var nameStart = 0
    private var nameEnd = 0
    private var valueStart = 0

    /// Makes a parser for one section.
    ///
    /// - Parameters:
    ///   - sectionStart: the position of its first byte.
    ///   - bytesMax: the most bytes that it may have, its closing empty line included.
    ///   - countMax: the most field lines that it may have.
    init(from sectionStart: Int, bytesMax: Int, countMax: Int) {
        self.sectionStart = sectionStart
        self.bytesMax = bytesMax
        self.countMax = countMax
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - bytes: all bytes so far; positions are indices into it.
    ///   - position: the first byte not yet read; moved past what was read.
    ///   - fields: gets an entry for each complete line.
    /// - Returns: true when the section is complete, false when `bytes` ends before.
    /// - Throws: `HTTPError` at the first byte that cannot belong to a field section, or that is
    ///   beyond its limits.
    mutating func scan(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        into fields: inout Fields
    ) throws(HTTPError) -> Bool {
        let end = min(bytes.count, sectionStart + bytesMax)
        while position < end {
            switch phase {
            case .lineStart:
                try startLine(bytes[position], position, fieldCount: fields.count)
            case .name:
                try scanName(bytes, at: &position, end)
                continue
            case .valueStart:
                guard !Grammar.isMember(bytes[position], of: Grammar.ows) else { break }
                valueStart = position
                phase = .value
                continue
            case .value:
                try scanValue(bytes, at: &position, end)
                continue
            case .lineEnd:
                try expectLineFeed(bytes[position], position)
                fields.append(entry(bytes, valueEnd: position - 1))
                phase = .lineStart
            case .sectionEnd:
                try expectLineFeed(bytes[position], position)
                phase = .done
                position += 1
                return true
            case .done:
                return true
            }
            position += 1
        }
        guard end < sectionStart + bytesMax else {
            throw HTTPError(.fieldSectionTooLarge, at: end)
        }
        return false
    }

    private mutating func startLine(
        _ byte: UInt8,
        _ position: Int,
        fieldCount: Int
    ) throws(HTTPError) {
        if Grammar.isMember(byte, of: Grammar.tchar) {
            guard fieldCount < countMax else { throw HTTPError(.tooManyFields, at: position) }
            nameStart = position
            phase = .name
            return
        }
        switch byte {
        case Grammar.carriageReturn: phase = .sectionEnd
        case Grammar.lineFeed: throw HTTPError(.bareLineFeed, at: position)
        case Grammar.colon: throw HTTPError(.emptyFieldName, at: position)
        // RFC 9112 §5.2, and §2.2 for white space after the request line.
        case Grammar.space, UInt8(ascii: "\t"): throw HTTPError(.obsoleteFolding, at: position)
        default: throw HTTPError(.invalidFieldName, at: position)
        }
    }

    @inline(__always)
    private mutating func scanName(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        _ end: Int
    ) throws(HTTPError) {
        var index = position
        while index < end, Grammar.isMember(bytes[index], of: Grammar.tchar) { index += 1 }
        position = index
        guard index < end else { return }
        switch bytes[index] {
        case Grammar.colon:
            nameEnd = index
            phase = .valueStart
            position = index + 1
        // RFC 9112 §5.1: such a field has been used for request smuggling and must be refused.
        case Grammar.space, UInt8(ascii: "\t"):
            throw HTTPError(.whitespaceBeforeColon, at: index)
        case Grammar.carriageReturn: throw HTTPError(.missingColon, at: index)
        case Grammar.lineFeed: throw HTTPError(.bareLineFeed, at: index)
        default: throw HTTPError(.invalidFieldName, at: index)
        }
    }

    @inline(__always)
    private mutating func scanValue(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        _ end: Int
    ) throws(HTTPError) {
        let index = bytes.firstOutsideFieldContent(from: position, to: end)
        position = index
        guard index < end else { return }
        switch bytes[index] {
        case Grammar.carriageReturn:
            phase = .lineEnd
            position = index + 1
        case Grammar.lineFeed: throw HTTPError(.bareLineFeed, at: index)
        default: throw HTTPError(.invalidFieldValue, at: index)
        }
    }

    private func expectLineFeed(_ byte: UInt8, _ position: Int) throws(HTTPError) {
        guard byte == Grammar.lineFeed else {
            throw HTTPError(.bareCarriageReturn, at: position - 1)
        }
    }

    private func entry(_ bytes: Span<UInt8>, valueEnd: Int) -> Fields.Entry {
        var end = valueEnd
        while end > valueStart, Grammar.isMember(bytes[end - 1], of: Grammar.ows) { end -= 1 }
        return Fields.Entry(
            nameStart: UInt32(truncatingIfNeeded: nameStart),
            nameEnd: UInt32(truncatingIfNeeded: nameEnd),
            valueStart: UInt32(truncatingIfNeeded: valueStart),
            valueEnd: UInt32(truncatingIfNeeded: end),
            tag: FieldName.tag(of: bytes, nameStart..<nameEnd)
        )
    }
}
