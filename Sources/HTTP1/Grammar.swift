/// The character classes of RFC 9110 and 9112, one bit each, so that a scanner asks one table one
/// question per byte.
///
/// The same table drawn from the RFC's own words is in the tests.
package enum Grammar {
    /// RFC 9110 §5.6.2: `tchar`, the characters of methods and field names.
    package static let tchar: UInt8 = 1
    /// RFC 9110 §5.5: what may stand inside a field value: `field-vchar`, SP and HTAB.
    ///
    /// `obs-text` (0x80...0xFF) is part of it and opaque.
    package static let fieldContent: UInt8 = 2
    /// What may stand in a request target: visible ASCII but `#`.
    ///
    /// This is wider than RFC 3986, since browsers leave `|`, `^`, `[` and `{` as they are (WHATWG
    /// URL §1.3); none of them delimits here.
    package static let target: UInt8 = 4
    /// RFC 3986 §3.2.2: the characters of `reg-name` and IPv4 addresses, with `%` for escapes.
    package static let regName: UInt8 = 8
    /// RFC 9110 §5.6.3: `OWS`, SP and HTAB.
    package static let ows: UInt8 = 16
    /// RFC 9110 §8.8.3: `etagc`, what may stand between the quotes of an entity tag.
    package static let etagc: UInt8 = 32

    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let semicolon = UInt8(ascii: ";")
    static let equals = UInt8(ascii: "=")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    /// The classes of each byte, sixteen in a row: 0x00...0x0F, 0x10...0x1F, and so on.
    static let classes: [256 of UInt8] = [
        00, 00, 00, 00, 00, 00, 00, 00, 00, 18, 00, 00, 00, 00, 00, 00,
        00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00,
        18, 47, 06, 35, 47, 47, 47, 47, 46, 46, 47, 47, 46, 47, 47, 38,
        47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 38, 46, 38, 46, 38, 38,
        38, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47,
        47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 38, 38, 38, 39, 47,
        39, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47,
        47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 38, 39, 38, 47, 00,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
        34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
    ]

    /// Tells whether a byte belongs to a class.
    ///
    /// - Parameters:
    ///   - byte: any byte.
    ///   - class: one or several of the bits above.
    /// - Returns: true when it is in at least one of them.
    @inline(__always)
    package static func isMember(_ byte: UInt8, of class: UInt8) -> Bool {
        classes[Int(byte)] & `class` != 0
    }

    /// RFC 9112 §7.1: the value of one digit of `chunk-size`, in either case.
    ///
    /// - Parameter digit: an ASCII byte.
    /// - Returns: `0...15`, or `nil` when it is not a hexadecimal digit.
    static func hexValue(_ digit: UInt8) -> UInt64? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// RFC 5234: the value of one decimal digit.
    ///
    /// - Parameter digit: an ASCII byte.
    /// - Returns: `0...9`, or `nil` for every other byte.
    @inline(__always)
    static func decimalValue(_ digit: UInt8) -> UInt64? {
        let value = digit &- UInt8(ascii: "0")
        return value <= 9 ? UInt64(value) : nil
    }

    /// Reads a decimal number that fills a whole span.
    ///
    /// - Parameters:
    ///   - bytes: where it lies.
    ///   - range: the digits, all of them.
    /// - Returns: the value, or `nil` when there is no digit, another byte, or the value is above
    ///   `Int64.max` (so that sums with it stay within 64 bits).
    static func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var value: UInt64 = 0
        for i in range {
            guard let digit = decimalValue(bytes[i]) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= UInt64(Int64.max) - digit else { return nil }
            value = product + digit
        }
        return value
    }
}
