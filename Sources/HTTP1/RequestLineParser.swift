internal import Bytes

/// Reads a request line, and at most one empty line before it (RFC 9112 §3, §2.2).
///
/// ```
/// start ──tchar──▶ method ──SP──▶ target ──SP──▶ version ──CR──▶ lineEnd ──LF──▶ done
///   └──CR──▶ emptyLineEnd ──LF──▶ start
/// ```
/// It is one pass that can stop before any byte and go on there later, so that a cut changes
/// neither the result nor the byte that an error names. Positions are those of the span that `scan`
/// is given; the caller gives the same bytes at the same positions each time.
struct RequestLineParser {
    /// Bytes after the target and its space: `HTTP/1.1` CR LF.
    static let tailBytes = 10

    enum Phase: UInt8 { case start, emptyLineEnd, method, target, version, lineEnd, done }

    private(set) var phase = Phase.start
    private var emptyLines = 0
    private(set) var methodStart = 0
    private(set) var methodEnd = 0
    private(set) var targetEnd = 0
    /// The digit after `HTTP/` and the one after the point, as ASCII.
    private var versionDigits: (major: UInt8, minor: UInt8) = (0, 0)

    var target: Range<Int> { methodEnd + 1..<targetEnd }
    /// Where the method lies, whatever comes of the rest; `nil` before its end was found.
    var foundMethod: Range<Int>? { methodEnd > methodStart ? methodStart..<methodEnd : nil }
    /// Where the target lies, or the beginning of one that is too long; `nil` before its end was
    /// found.
    var foundTarget: Range<Int>? { targetEnd > methodEnd ? target : nil }
    private(set) var version = HTTPVersion.http11

    private static let versionPrefix: [8 of UInt8] = [
        UInt8(ascii: "H"), UInt8(ascii: "T"), UInt8(ascii: "T"), UInt8(ascii: "P"),
        UInt8(ascii: "/"), 0, UInt8(ascii: "."), 0,
    ]

    /// `HTTP/1.1` as eight bytes, the first one lowest.
    private static let http11: UInt64 = 0x312E_312F_5054_5448

    /// Reads on.
    ///
    /// - Parameters:
    ///   - bytes: the head so far, from its first byte.
    ///   - position: the first byte not yet read; moved past what was read.
    ///   - targetBytesMax: the longest target that is accepted.
    /// - Returns: true when the line is complete, false when `bytes` ends before.
    /// - Throws: `HTTPError` at the first byte that cannot belong to a request line.
    mutating func scan(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        targetBytesMax: Int
    ) throws(HTTPError) -> Bool {
        while position < bytes.count {
            switch phase {
            case .start:
                try start(bytes[position], position)
                position += 1
            case .emptyLineEnd:
                guard bytes[position] == Grammar.lineFeed else {
                    throw HTTPError(.bareCarriageReturn, at: position - 1)
                }
                emptyLines += 1
                phase = .start
                position += 1
            case .method:
                try scanMethod(bytes, at: &position)
            case .target:
                try scanTarget(bytes, at: &position, bytesMax: targetBytesMax)
            case .version:
                try scanVersion(bytes, at: &position)
            case .lineEnd:
                guard bytes[position] == Grammar.lineFeed else {
                    throw HTTPError(.bareCarriageReturn, at: position - 1)
                }
                position += 1
                try finish()
                return true
            case .done:
                return true
            }
        }
        return false
    }

    private mutating func start(_ byte: UInt8, _ position: Int) throws(HTTPError) {
        if Grammar.isMember(byte, of: Grammar.tchar) {
            methodStart = position
            phase = .method
        } else if byte == Grammar.carriageReturn, emptyLines < HTTPLimits.leadingEmptyLinesMax {
            phase = .emptyLineEnd
        } else {
            throw HTTPError(byte == Grammar.lineFeed ? .bareLineFeed : .invalidMethod, at: position)
        }
    }

    private mutating func scanMethod(
        _ bytes: Span<UInt8>,
        at position: inout Int
    ) throws(HTTPError) {
        let limit = methodStart + HTTPLimits.methodBytesMax
        while position < bytes.count {
            let byte = bytes[position]
            guard Grammar.isMember(byte, of: Grammar.tchar) else {
                try expectSpace(byte, position, else: .invalidMethod)
                methodEnd = position
                phase = .target
                position += 1
                return
            }
            guard position < limit else { throw HTTPError(.methodTooLong, at: position) }
            position += 1
        }
    }

    private mutating func scanTarget(
        _ bytes: Span<UInt8>,
        at position: inout Int,
        bytesMax: Int
    ) throws(HTTPError) {
        let start = methodEnd + 1
        let end = min(bytes.count, start + bytesMax)
        position = bytes.firstOutsideTarget(from: position, to: end)
        guard position < bytes.count else { return }
        let byte = bytes[position]
        guard !Grammar.isMember(byte, of: Grammar.target) else {
            targetEnd = position
            throw HTTPError(.targetTooLong, at: position)
        }
        if byte == UInt8(ascii: "#") { throw HTTPError(.fragmentInTarget, at: position) }
        try expectSpace(byte, position, else: .invalidTarget)
        // Two spaces in a row, which a lenient reader takes for one.
        guard position > start else { throw HTTPError(.invalidRequestLine, at: position) }
        targetEnd = position
        phase = .version
        position += 1
    }

    private mutating func scanVersion(
        _ bytes: Span<UInt8>,
        at position: inout Int
    ) throws(HTTPError) {
        let start = targetEnd + 1
        // What nearly every request says is one comparison, when it is there in one piece.
        if position == start, position + 8 <= bytes.count,
            bytes.littleEndianUInt64(at: position) == Self.http11
        {
            versionDigits = (UInt8(ascii: "1"), UInt8(ascii: "1"))
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            switch position - start {
            case 8:
                guard byte == Grammar.carriageReturn else {
                    throw HTTPError(Self.reason(byte, else: .invalidVersion), at: position)
                }
                phase = .lineEnd
                position += 1
                return
            case 5 where Grammar.decimalValue(byte) != nil: versionDigits.major = byte
            case 7 where Grammar.decimalValue(byte) != nil: versionDigits.minor = byte
            case let index:
                guard byte == Self.versionPrefix[index], byte != 0 else {
                    throw HTTPError(Self.reason(byte, else: .invalidVersion), at: position)
                }
            }
            position += 1
        }
    }

    private mutating func finish() throws(HTTPError) {
        switch versionDigits {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): version = .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): version = .http10
        default: throw HTTPError(.unsupportedVersion, at: targetEnd + 1)
        }
        phase = .done
    }

    private func expectSpace(
        _ byte: UInt8,
        _ position: Int,
        else reason: HTTPError.Reason
    ) throws(HTTPError) {
        guard byte == Grammar.space else {
            throw HTTPError(Self.reason(byte, else: reason), at: position)
        }
    }

    /// A line that ends too early, or white space too much, is a broken line; what else is wrong is
    /// wrong with the part that it stands in.
    private static func reason(_ byte: UInt8, else reason: HTTPError.Reason) -> HTTPError.Reason {
        switch byte {
        case Grammar.lineFeed: .bareLineFeed
        case Grammar.carriageReturn, Grammar.space, UInt8(ascii: "\t"): .invalidRequestLine
        default: reason
        }
    }
}
