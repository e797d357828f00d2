internal import Bytes

/// Makes names for requests: random digits for the loop's life, then a number.
struct RequestIDGenerator {
    /// Bytes that a client's own name has at most; longer ones are replaced.
    static let clientBytesMax = 128

    private let prefix: [UInt8]
    private var number: UInt32 = 0

    /// Draws the random part.
    init() {
        var random: [UInt8] = []
        random.appendBigEndian(UInt64.random(in: .min ... .max))
        prefix = Hex.encode(random.span)
    }

    /// Makes the next name.
    ///
    /// - Returns: 24 hexadecimal digits.
    mutating func next() -> [UInt8] {
        var id: [UInt8] = []
        appendNext(to: &id)
        return id
    }

    /// Makes the next name where it is needed.
    ///
    /// - Parameter id: gets 24 hexadecimal digits.
    mutating func appendNext(to id: inout [UInt8]) {
        number &+= 1
        id += prefix
        var shift: UInt32 = 32
        while shift > 0 {
            shift -= 4
            let digit = UInt8(number >> shift & 0xF)
            id.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
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
