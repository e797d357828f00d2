/// Reads the parameters behind a disposition type, undoing what clients do to quotes.
///
/// A name with `"` in it reaches us in one of two ways, and one reader suits both:
///
/// - As `%22`, with `%0D` and `%0A` for line ends, and nothing else encoded, not even `%`: browsers
///   and Node (the "multipart/form-data encoding algorithm" of the HTML standard), curl from 7.81
///   on, urllib3 2 (requests) and httpx. The Fetch standard decodes just these three in just this
///   case. Whoever has a file that is really named `%22` gets `"`; the sender has made the two the
///   same.
/// - As `\"`, with `\\` for a backslash: curl before 7.81, Go, Java's and many others'
///   quoted-string (RFC 9110 §5.6.4). Browsers leave a backslash alone, and old ones send whole
///   Windows paths: so a backslash before anything else stands for itself, where the RFC would drop
///   it.
struct ParameterReader {
    /// One parameter.
    struct Parameter {
        /// The name as sent, with the `*` of an extended one.
        var name: ArraySlice<UInt8>
        /// The value as sent, quotes removed.
        var rawValue: ArraySlice<UInt8>
        /// The value with the clients' escapes undone, if it was quoted.
        var value: [UInt8]
    }

    private let bytes: ArraySlice<UInt8>
    /// Where the next byte is, in the indices of the slice.
    private(set) var index: Int

    /// Begins at the start of a field value.
    ///
    /// - Parameter bytes: the value, without white space around it.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool { index == bytes.endIndex }

    var isAtSeparator: Bool { !isAtEnd && bytes[index] == Grammar.semicolon }

    /// Reads the longest token, which may be empty.
    ///
    /// - Returns: its bytes.
    mutating func readToken() -> ArraySlice<UInt8> {
        let token = bytes[index...].prefix(while: Grammar.isTokenCharacter)
        index = token.endIndex
        return token
    }

    /// Passes over a semicolon and the white space around it.
    ///
    /// - Returns: false when there is none.
    mutating func skipSeparator() -> Bool {
        skipWhitespace()
        guard isAtSeparator else { return false }
        index += 1
        skipWhitespace()
        return true
    }

    /// Reads a name, `=`, and a token or quoted string.
    ///
    /// - Returns: `nil` when that is not what follows; the index is then at the byte in the way.
    mutating func readParameter() -> Parameter? {
        let name = readToken()
        guard !name.isEmpty, !isAtEnd, bytes[index] == Grammar.equals else { return nil }
        index += 1
        if !isAtEnd && bytes[index] == Grammar.doubleQuote {
            return readQuotedString().map {
                Parameter(name: name, rawValue: $0, value: Self.unescape($0))
            }
        }
        let token = readToken()
        guard !token.isEmpty else { return nil }
        return Parameter(name: name, rawValue: token, value: Array(token))
    }

    private mutating func skipWhitespace() {
        while !isAtEnd && Grammar.isWhitespace(bytes[index]) { index += 1 }
    }

    /// Reads up to the closing quote; `nil` when there is none.
    private mutating func readQuotedString() -> ArraySlice<UInt8>? {
        index += 1
        let start = index
        while !isAtEnd && bytes[index] != Grammar.doubleQuote {
            index += Self.isEscape(bytes[index...]) ? 2 : 1
        }
        guard !isAtEnd else { return nil }
        index += 1
        return bytes[start..<index - 1]
    }

    /// Tells whether a backslash stands for the quote or backslash behind it.
    private static func isEscape(_ rest: ArraySlice<UInt8>) -> Bool {
        guard rest.count >= 2, rest[rest.startIndex] == Grammar.backslash else { return false }
        let next = rest[rest.startIndex + 1]
        return next == Grammar.doubleQuote || next == Grammar.backslash
    }

    private static let percentEncoded: [(code: [UInt8], byte: UInt8)] = [
        (Array("%22".utf8), Grammar.doubleQuote),
        (Array("%0D".utf8), Grammar.cr),
        (Array("%0A".utf8), Grammar.lf),
    ]

    private static func unescape(_ quoted: ArraySlice<UInt8>) -> [UInt8] {
        var value: [UInt8] = []
        var rest = quoted
        while let byte = rest.first {
            if isEscape(rest) {
                value.append(rest[rest.startIndex + 1])
                rest.removeFirst(2)
            } else if byte == Grammar.percent,
                let match = percentEncoded.first(where: { rest.starts(with: $0.code) })
            {
                value.append(match.byte)
                rest.removeFirst(match.code.count)
            } else {
                value.append(byte)
                rest.removeFirst()
            }
        }
        return value
    }
}
