import HTTP1
import Testing

@Suite struct `Character classes` {
    private static let alphanumeric =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    /// Each class as its RFC spells it out.
    @Test func `the table is what the RFCs say`() {
        let tchar = Set(("!#$%&'*+-.^_`|~" + Self.alphanumeric).utf8)
        let regName = Set(("-._~" + "!$&'()*+,;=" + "%" + Self.alphanumeric).utf8)
        for byte in UInt8.min...UInt8.max {
            let isVisible = (0x21...0x7E).contains(byte)
            let isObsText = byte >= 0x80
            let isBlank = byte == 0x20 || byte == 0x09
            let expected: [(UInt8, Bool)] = [
                (Grammar.tchar, tchar.contains(byte)),
                (Grammar.fieldContent, isVisible || isObsText || isBlank),
                (Grammar.target, isVisible && byte != UInt8(ascii: "#")),
                (Grammar.regName, regName.contains(byte)),
                (Grammar.ows, isBlank),
                (Grammar.etagc, (isVisible && byte != UInt8(ascii: "\"")) || isObsText),
            ]
            for (bit, isMember) in expected {
                #expect(Grammar.isMember(byte, of: bit) == isMember, "\(byte), class \(bit)")
            }
        }
    }

    /// Long runs are scanned eight bytes at a time, so that each byte has to be tried at each
    /// place.
    @Test func `each byte is judged the same wherever it stands in a value or target`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<20 {
                var run = [UInt8](repeating: UInt8(ascii: "a"), count: 20)
                run[place] = byte
                let isContent = Grammar.isMember(byte, of: Grammar.fieldContent)
                let value = Array("GET / HTTP/1.0\r\nA: b".utf8) + run + Array("c\r\n\r\n".utf8)
                #expect(isAccepted(value) == isContent, "\(byte) at \(place)")
                let isTarget = Grammar.isMember(byte, of: Grammar.target)
                let line = Array("GET /".utf8) + run + Array("b HTTP/1.0\r\n\r\n".utf8)
                #expect(isAccepted(line) == isTarget, "\(byte) at \(place)")
            }
        }
    }

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        RequestTrace().events(bytes, cut: [0..<bytes.count]).last == .end
    }
}
