/// Checks `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2), as in Host and in targets.
enum Authority {
    /// The longest port number, 65535, in digits; leading zeros count.
    private static let portDigitsMax = 5

    /// Tells whether a span holds a host, with or without a port.
    ///
    /// - Parameter authority: the bytes; no user information is accepted (RFC 9110 §4.2.4).
    /// - Returns: the range of the host and whether a port follows, or `nil` when it is neither.
    static func parse(_ authority: Span<UInt8>) -> (host: Range<Int>, hasPort: Bool)? {
        let isLiteral = !authority.isEmpty && authority[0] == UInt8(ascii: "[")
        guard let hostEnd = isLiteral ? literalEnd(authority) : nameEnd(authority) else {
            return nil
        }
        guard hostEnd < authority.count else { return (0..<hostEnd, false) }
        guard authority[hostEnd] == Grammar.colon else { return nil }
        let digitCount = authority.count - hostEnd - 1
        guard digitCount <= portDigitsMax else { return nil }
        var port = 0
        for index in hostEnd + 1..<authority.count {
            guard let digit = Grammar.decimalValue(authority[index]) else { return nil }
            port = port * 10 + Int(digit)
        }
        guard port <= Int(UInt16.max) else { return nil }
        return (0..<hostEnd, digitCount > 0)
    }

    /// Finds the end of a `reg-name` or IPv4 address.
    ///
    /// Escapes must be complete.
    private static func nameEnd(_ authority: Span<UInt8>) -> Int? {
        var index = 0
        while index < authority.count, Grammar.isMember(authority[index], of: Grammar.regName) {
            if authority[index] == UInt8(ascii: "%") {
                guard index + 2 < authority.count, Grammar.hexValue(authority[index + 1]) != nil,
                    Grammar.hexValue(authority[index + 2]) != nil
                else { return nil }
            }
            index += 1
        }
        return index
    }

    /// Finds the end of an IP literal, `[` … `]`.
    ///
    /// What is inside is only checked for its characters: nothing here connects to it.
    private static func literalEnd(_ authority: Span<UInt8>) -> Int? {
        var index = 1
        while index < authority.count, authority[index] != UInt8(ascii: "]") {
            let byte = authority[index]
            guard Grammar.isMember(byte, of: Grammar.regName) || byte == Grammar.colon,
                byte != UInt8(ascii: "%")
            else { return nil }
            index += 1
        }
        return index > 1 && index < authority.count ? index + 1 : nil
    }
}
