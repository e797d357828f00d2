internal import Bytes

/// The web origins whose scripts may use the keyed endpoints.
///
/// An origin is `scheme "://" host [ ":" port ]` as browsers serialize it (RFC 6454 §6.2): lower
/// case, without a default port, without a path. A wildcard is not accepted: allowing every site is
/// a decision that should be as tedious to write as it is to defend.
package struct CORSOrigins: Sendable, Hashable {
    /// The most origins: enough for the front ends of a team, few enough to be searched one by one.
    package static let countMax = 64

    /// The allowed origins, in the order given.
    package let origins: [[UInt8]]

    /// Reads the setting.
    ///
    /// - Parameter text: origins separated by commas, blanks around them dropped; empty for none.
    /// - Throws: `ConfigurationError`, when one is no origin or there are too many.
    init(_ text: String) throws(ConfigurationError) {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard !text.allSatisfy(blank) else {
            origins = []
            return
        }
        let pieces = text.split(separator: ",", omittingEmptySubsequences: false)
        guard pieces.count <= Self.countMax else {
            throw ConfigurationError(
                .corsOrigins,
                "holds \(pieces.count) origins",
                advice: "use at most \(Self.countMax) origins"
            )
        }
        var origins: [[UInt8]] = []
        for piece in pieces {
            let tail = piece.drop(while: blank)
            let origin = tail.prefix(while: { !blank($0) })
            guard tail.dropFirst(origin.count).allSatisfy(blank), Self.isOrigin(origin) else {
                let shown = ConfigurationError.quoted(String(piece))
                throw ConfigurationError(
                    .corsOrigins,
                    "holds \(shown), which is not an origin as browsers send it"
                )
            }
            origins.append(Array(origin.utf8))
        }
        self.origins = origins
    }

    /// Tells whether scripts of an origin may use the keyed endpoints.
    ///
    /// - Parameter origin: the value of the request's `Origin` field.
    /// - Returns: true when it is one of the allowed ones, byte by byte.
    package func allows(_ origin: Span<UInt8>) -> Bool {
        for allowed in origins where origin.equals(allowed) { return true }
        return false
    }

    private static func isOrigin(_ text: Substring) -> Bool {
        let parts: [(scheme: String, defaultPort: String)] = [
            ("http://", "80"), ("https://", "443"),
        ]
        guard let part = parts.first(where: { text.hasPrefix($0.scheme) }) else { return false }
        var host = text.dropFirst(part.scheme.count)
        if host.last != "]", let colon = host.lastIndex(of: ":") {
            let port = host[host.index(after: colon)...]
            guard let number = UInt16(port), "\(number)" == port, port != part.defaultPort else {
                return false
            }
            host = host[..<colon]
        }
        if host.first == "[" {
            let digits = host.dropFirst().dropLast()
            return host.last == "]" && !digits.isEmpty
                && digits.allSatisfy { $0 == ":" || $0 == "." || isLowerCaseHex($0) }
        }
        return !host.isEmpty && host.utf8.allSatisfy(isHostByte)
    }

    private static func isLowerCaseHex(_ character: Character) -> Bool {
        character.asciiValue.map { Hex.value(ofLowerCaseDigit: $0) != nil } ?? false
    }

    /// Bytes of a registered name in its serialized form (punycode), underscores of intranets
    /// included.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
