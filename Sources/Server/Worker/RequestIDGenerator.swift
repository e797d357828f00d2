internal import Bytes

/// Makes names for requests: random digits for the loop's life, then a number.
struct RequestIDGenerator {
    /// Bytes that a client's own name has at most; longer ones are replaced.
    static let clientBytesMax = 128
    /// Digits of the number; after 2^32 requests it begins anew.
    private static let numberDigitCount = 8

    /// The present name: 24 hexadecimal digits.
    private(set) var text: [UInt8]

    /// Draws the random part.
    init() {
        var random: [UInt8] = []
        random.appendBigEndian(UInt64.random(in: .min ... .max))
        text = Hex.encode(random.span)
        text += [UInt8](repeating: UInt8(ascii: "0"), count: Self.numberDigitCount)
    }

    /// Makes the next name.
    ///
    /// - Returns: 24 hexadecimal digits.
    mutating func next() -> [UInt8] {
        Self.countUp(&text, lastDigit: text.count - 1)
        return text
    }

    /// Counts a name up, where it stands: mostly one digit changes.
    ///
    /// - Parameters:
    ///   - bytes: where the name is.
    ///   - lastDigit: the index of its last digit.
    static func countUp(_ bytes: inout [UInt8], lastDigit: Int) {
        for index in stride(from: lastDigit, to: lastDigit - numberDigitCount, by: -1) {
            switch bytes[index] {
            case UInt8(ascii: "9"):
                bytes[index] = UInt8(ascii: "a")
                return
            case UInt8(ascii: "f"):
                bytes[index] = UInt8(ascii: "0")
            case let digit:
                bytes[index] = digit + 1
                return
            }
        }
    }

    /// Tells whether a client's own name for a request can be echoed and logged as it is.
    ///
    /// - Parameter value: the value of `X-Request-Id`.
    /// - Returns: true for 1 to 128 visible ASCII characters.
    static func accepts(_ value: Span<UInt8>) -> Bool {
        guard (1...clientBytesMax).contains(value.count) else { return false }
        for i in value.indices where !(0x21...0x7E).contains(value[i]) { return false }
        return true
    }
}
