import Bytes
import Testing

@Suite struct HexTests {
    @Test func `every byte is two lower-case digits, the high nibble first`() {
        let bytes: [UInt8] = [0x00, 0x01, 0x0F, 0x10, 0x7F, 0x80, 0xA5, 0xFF]
        let digits = Hex.encode(bytes.span)
        #expect(String(decoding: digits, as: UTF8.self) == "00010f107f80a5ff")
        let none: [UInt8] = []
        let noDigits = Hex.encode(none.span)
        #expect(noDigits == [])
    }

    @Test func `what is encoded decodes to itself`() {
        let bytes = Array(0...255) as [UInt8]
        let digits = Hex.encode(bytes.span)
        let values = digits.compactMap { Hex.value(ofLowerCaseDigit: $0) }
        #expect(values.count == 512)
        for (i, byte) in bytes.enumerated() {
            #expect(values[2 * i] << 4 | values[2 * i + 1] == byte)
        }
    }

    @Test func `sixteen of all bytes are digits`() {
        let digits = (0...255).filter { Hex.value(ofLowerCaseDigit: UInt8($0)) != nil }
        #expect(digits == Array("0123456789abcdef".utf8).map { Int($0) })
    }

    @Test func `eight digits at once are what they are one by one, whatever stands where`() {
        let good = Array("09af5b3c".utf8)
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                var digits = good
                digits[place] = byte
                var expected: UInt64? = 0
                for digit in digits {
                    let value = Hex.value(ofLowerCaseDigit: digit)
                    expected = expected.flatMap { sum in value.map { sum << 4 | UInt64($0) } }
                }
                var faults: UInt64 = 0
                let word = digits.span.bigEndianUInt64(at: 0)
                let value = Hex.decode(eightDigits: word, faults: &faults)
                #expect((faults == 0 ? value : nil) == expected)
            }
        }
    }
}
