internal import Bytes

/// Text built as bytes, for what is written once a request: no format strings, no Foundation.
extension Array where Element == UInt8 {
    /// Appends the UTF-8 of a string.
    ///
    /// - Parameter text: the string.
    mutating func append(text: String) { append(contentsOf: text.utf8) }

    /// Appends a whole number in decimal.
    ///
    /// - Parameters:
    ///   - value: the number.
    ///   - minimumDigits: zeros are put before it up to this many digits.
    mutating func append(decimal value: Int, minimumDigits: Int = 1) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        // An `Int` has at most 19 digits; they come out last first.
        var digits: [20 of UInt8] = .init(repeating: UInt8(ascii: "0"))
        var count = 0
        repeat {
            digits[count] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        for _ in Swift.stride(from: count, to: minimumDigits, by: 1) { append(UInt8(ascii: "0")) }
        for i in Swift.stride(from: count - 1, through: 0, by: -1) { append(digits[i]) }
    }

    /// Appends a decimal fraction that is kept as a whole number of its last digit's unit.
    ///
    /// - Parameters:
    ///   - value: the number times 10 to the power of `fractionDigits`, at least 0.
    ///   - fractionDigits: how many digits stand after the point, at least 1.
    mutating func append(decimal value: Int, fractionDigits: Int) {
        var unit = 1
        for _ in 0..<fractionDigits { unit *= 10 }
        append(decimal: value / unit)
        append(UInt8(ascii: "."))
        append(decimal: value % unit, minimumDigits: fractionDigits)
    }

    /// Appends a byte as two lower-case hexadecimal digits.
    ///
    /// - Parameter byte: the byte.
    mutating func append(hex byte: UInt8) {
        append(contentsOf: Hex.encode([byte].span))
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes may stand between double quotes as they are, in JSON and in our log alike:
    /// visible ASCII and blanks, without the quote and the backslash.
    var isPlainInQuotes: Bool {
        for i in indices {
            let byte = self[i]
            let isVisible = byte >= 0x20 && byte < 0x7F
            guard isVisible, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                return false
            }
        }
        return true
    }
}
