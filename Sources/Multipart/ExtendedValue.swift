/// The value of an extended parameter such as `filename*`.
///
///     ext-value   = charset "'" [ language ] "'" value-chars        (RFC 8187 §3.2.1)
///     value-chars = *( pct-encoded / attr-char )
///
/// RFC 7578 §4.2 forbids `filename*` in forms, but urllib3 before 1.25 and others send it for names
/// beyond ASCII, and then it is the one that tells the name.
enum ExtendedValue {
    /// Decodes an extended value in UTF-8.
    ///
    /// RFC 8187 has dropped ISO-8859-1, the other charset of its predecessor; no client sends it.
    ///
    /// - Parameter value: the bytes behind `=`.
    /// - Returns: `nil` when they break the grammar, name another charset, or do not decode to
    ///   UTF-8 text without NUL.
    static func decode(_ value: ArraySlice<UInt8>) -> String? {
        guard let charsetEnd = value.firstIndex(of: Grammar.apostrophe),
            Grammar.equalsIgnoringCase(value[..<charsetEnd], "utf-8"),
            let languageEnd = value[(charsetEnd + 1)...].firstIndex(of: Grammar.apostrophe),
            let bytes = decodePercent(value[(languageEnd + 1)...]), !bytes.contains(0)
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func decodePercent(_ encoded: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = encoded
        while let byte = rest.popFirst() {
            if Grammar.isAttributeCharacter(byte) {
                bytes.append(byte)
                continue
            }
            guard byte == Grammar.percent,
                let high = rest.popFirst().flatMap(hexValue),
                let low = rest.popFirst().flatMap(hexValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Either case: RFC 3986 §2.1 has them equivalent, unlike the hexadecimal of image ids.
    private static func hexValue(_ digit: UInt8) -> UInt8? {
        Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init)
    }
}
