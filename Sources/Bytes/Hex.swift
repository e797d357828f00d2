/// Lower-case hexadecimal, the only spelling that image ids have.
package enum Hex {
    private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

    /// Encodes bytes as lower-case hexadecimal digits.
    ///
    /// - Parameter bytes: the bytes, most significant nibble first.
    /// - Returns: two ASCII digits for each byte.
    package static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        Array(capacity: bytes.count * 2) { (out: inout OutputSpan<UInt8>) in
            for i in bytes.indices {
                out.append(digits[Int(bytes[i] >> 4)])
                out.append(digits[Int(bytes[i] & 0x0F)])
            }
        }
    }

    /// Decodes one lower-case hexadecimal digit.
    ///
    /// - Parameter digit: an ASCII byte.
    /// - Returns: its value `0...15`, or `nil` for every other byte, upper-case `A`-`F` included.
    package static func value(ofLowerCaseDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
