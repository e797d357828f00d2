/// Reads `chunk-size [ chunk-ext ] CRLF` (RFC 9112 §7.1), one byte at a time: these lines are
/// short.
///
/// ```
/// size ──";"──▶ name ──"="──▶ valueStart ──tchar──▶ token
///  │             ▲                 └──quote──▶ quoted ◀──▶ escape
///  │             └──────";"────────────── token, quotedEnd ◀── quoted
///  └──CR (from size, name, token, quotedEnd)──▶ lineEnd ──LF──▶ done
/// ```
/// RFC 9112 §7.1.1 lets readers accept white space around `;` and `=` for the sake of old senders.
/// It is refused here, since readers differ in what they make of it.
struct ChunkLineParser {
    private enum Phase {
        case size, nameStart, name, valueStart, token, quoted, escape, quotedEnd, end
    }

    private var phase = Phase.size
    private var digits = 0
    private var extensionBytes = 0
    /// The chunk's size, once the line is complete: at most `Int64.max`.
    private(set) var size: UInt64 = 0
    /// Bytes of all extensions so far, over all chunks of the body.
    private(set) var extensionsTotalBytes = 0

    /// Starts the next chunk of the same body.
    mutating func nextChunk() {
        phase = .size
        digits = 0
        extensionBytes = 0
        size = 0
    }

    /// Takes one byte.
    ///
    /// - Parameters:
    ///   - byte: the next byte of the line.
    ///   - position: where it stands, for errors.
    ///   - limits: bounds the extensions.
    /// - Returns: true when it was the last byte of the line.
    /// - Throws: `HTTPError` when it cannot belong to such a line.
    mutating func take(
        _ byte: UInt8,
        _ position: Int,
        _ limits: HTTPLimits
    ) throws(HTTPError) -> Bool {
        switch (phase, byte) {
        case (.end, Grammar.lineFeed):
            return true
        case (.end, _):
            throw HTTPError(.bareCarriageReturn, at: position - 1)
        case (_, Grammar.lineFeed):
            throw HTTPError(.bareLineFeed, at: position)
        case (.size, _):
            try takeSize(byte, position)
        default:
            if byte != Grammar.carriageReturn { try countExtension(position, limits) }
            try takeExtension(byte, position)
        }
        return false
    }

    private mutating func takeSize(_ byte: UInt8, _ position: Int) throws(HTTPError) {
        if let value = Grammar.hexValue(byte) {
            guard digits < HTTPLimits.chunkSizeDigitsMax, size <= UInt64(Int64.max) >> 4 else {
                throw HTTPError(.chunkSizeTooLarge, at: position)
            }
            digits += 1
            size = size << 4 | value
            return
        }
        guard digits > 0 else { throw HTTPError(.invalidChunkSize, at: position) }
        switch byte {
        case Grammar.carriageReturn: phase = .end
        case Grammar.semicolon: phase = .nameStart
        default: throw HTTPError(.invalidChunkSize, at: position)
        }
    }

    private mutating func takeExtension(_ byte: UInt8, _ position: Int) throws(HTTPError) {
        let isToken = Grammar.isMember(byte, of: Grammar.tchar)
        switch (phase, byte) {
        case (.nameStart, _) where isToken: phase = .name
        case (.valueStart, _) where isToken: phase = .token
        case (.name, _) where isToken: break
        case (.token, _) where isToken: break
        case (.name, Grammar.equals): phase = .valueStart
        case (.valueStart, Grammar.quote): phase = .quoted
        case (.quoted, Grammar.quote): phase = .quotedEnd
        case (.quoted, Grammar.backslash): phase = .escape
        case (.quoted, _) where Grammar.isMember(byte, of: Grammar.fieldContent): break
        case (.escape, _) where Grammar.isMember(byte, of: Grammar.fieldContent): phase = .quoted
        case (.name, Grammar.semicolon), (.token, Grammar.semicolon),
            (.quotedEnd, Grammar.semicolon):
            phase = .nameStart
        case (.name, Grammar.carriageReturn), (.token, Grammar.carriageReturn),
            (.quotedEnd, Grammar.carriageReturn):
            phase = .end
        default: throw HTTPError(.invalidChunkExtension, at: position)
        }
    }

    private mutating func countExtension(
        _ position: Int,
        _ limits: HTTPLimits
    ) throws(HTTPError) {
        extensionBytes += 1
        extensionsTotalBytes += 1
        guard extensionBytes <= limits.chunkExtensionBytesMax,
            extensionsTotalBytes <= limits.chunkExtensionsTotalBytesMax
        else { throw HTTPError(.chunkExtensionsTooLarge, at: position) }
    }
}
