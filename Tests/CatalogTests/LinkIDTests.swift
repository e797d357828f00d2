import Catalog
import TestSupport
import Testing

@Suite struct LinkIDTests {
    private static let text = "2643772f-5cbd-4b72-bdfa-9a10c72c6fec"
    private static let id = LinkID(high: 0x2643_772f_5cbd_4b72, low: 0xbdfa_9a10_c72c_6fec)

    @Test func `the text form is lower case with four hyphens`() {
        #expect(Self.id.text == Self.text)
        #expect(LinkID(high: 0, low: 1).text == "00000000-0000-0000-0000-000000000001")
    }

    @Test func `upper and lower case are read`() {
        #expect(LinkID(text: Self.text) == Self.id)
        #expect(LinkID(text: Self.text.uppercased()) == Self.id)
    }

    @Test(arguments: [
        "", "2643772f", "2643772f5cbd4b72bdfa9a10c72c6fec",
        "2643772f-5cbd-4b72-bdfa-9a10c72c6fe", "2643772f-5cbd-4b72-bdfa-9a10c72c6fec0",
        "2643772f-5cbd-4b72-bdfa_9a10c72c6fec", "2643772g-5cbd-4b72-bdfa-9a10c72c6fec",
        "-643772f-5cbd-4b72-bdfa-9a10c72c6fec", "{643772f-5cbd-4b72-bdfa-9a10c72c6fe}",
        "2643772f-5cbd-4b72-bdfa-9a10c72c6fe\u{10}", "2643772f-5cbd-4b72-bdfa-9a10c72c6f\u{e9}",
    ])
    func `anything else is no id`(_ text: String) {
        #expect(LinkID(text: text) == nil)
    }

    @Test func `each byte that is not a digit is refused at each place`() {
        let good = Array(Self.text.utf8)
        for place in good.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = good
                changed[place] = byte
                let isHyphen = good[place] == UInt8(ascii: "-")
                let isDigit = "0123456789abcdefABCDEF".utf8.contains(byte)
                let isRead = LinkID(text: changed.span) != nil
                #expect(isRead == (isHyphen ? byte == UInt8(ascii: "-") : isDigit))
            }
        }
    }

    @Test func `the bytes are those of the text`() {
        let bytes = Self.id.bytes
        #expect(bytes.count == LinkID.byteCount && bytes[0] == 0x26 && bytes[15] == 0xEC)
        #expect(LinkID(bytes.span) == Self.id)
    }

    @Test func `random ids have version 4 and the variant of RFC 9562, and differ`() {
        var random = SeededRandom(seed: 1)
        var seen: Set<LinkID> = []
        for _ in 0..<1000 {
            let id = LinkID.random(using: &random)
            #expect(id.high >> 12 & 0xF == 4)
            #expect(id.low >> 62 == 0b10)
            #expect(LinkID(text: id.text) == id)
            seen.insert(id)
        }
        #expect(seen.count == 1000)
        #expect(LinkID.random() != LinkID.random())
    }
}
