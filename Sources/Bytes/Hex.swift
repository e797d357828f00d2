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

    /// Decodes eight lower-case hexadecimal digits at once.
    ///
    /// The digits are bytes of one word, and all eight are checked and decoded by the same
    /// arithmetic: a digit is 0x30...0x39 or 0x61...0x66, so that bit 6 tells the letters, whose
    /// value is the low four bits and nine.
    ///
    /// - Parameters:
    ///   - digits: ASCII, the first digit in the highest byte.
    ///   - faults: stays as it is when they are digits all, and is not zero otherwise; collected so
    ///     that a long text is checked once, at its end.
    /// - Returns: their value; any when one of them is no such digit.
    @inlinable @inline(__always)
    package static func decode(eightDigits digits: UInt64, faults: inout UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let letters = (digits >> 6) & ones
        // What a digit is above the first of its kind, "0" or "a". Bit 7 is lent to each byte;
        // where it is gone afterwards, the digit was below the first.
        let above = (digits | tops) &- ((ones &* 0x30) &+ letters &* 0x31)
        let offset = above & ~tops
        // Ten digits and six letters: beyond the last one, adding the rest to 128 sets bit 7.
        let beyond = offset &+ (ones &* 0x76) &+ (letters << 2)
        faults |= (digits | ~above | beyond) & tops
        var value = offset &+ letters &* 10
        value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
        return (value | value >> 16) & 0xFFFF_FFFF
    }
}
