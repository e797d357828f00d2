import Bytes
import TestSupport
import Testing

@Suite struct SpanDelimiterTests {
    private let needle = Array("\r\n--b".utf8)

    @Test(arguments: [
        ("", nil), ("x", nil), ("\r\n--b", 0), ("xx\r\n--bxx", 2), ("xx\r\n--", 2), ("x\r", 1),
        ("\r\r\n\r\n-\r\n--b", 6), ("\r\n--x", nil), ("\rx", nil), ("\r\n--\r\n--", 4),
    ])
    func `a sequence is found whole, or cut off by the end`(text: String, index: Int?) {
        let bytes = Array(text.utf8)
        #expect(bytes.span.firstIndex(ofWholeOrCut: needle) == index)
    }

    @Test func `the search begins where it is told`() {
        let bytes = Array("\r\n--b\r\n--b".utf8)
        #expect(bytes.span.firstIndex(ofWholeOrCut: needle, from: 1) == 5)
        #expect(bytes.span.firstIndex(ofWholeOrCut: needle, from: 6) == nil)
        #expect(bytes.span.firstIndex(ofWholeOrCut: needle, from: bytes.count) == nil)
    }

    @Test(arguments: 0...40)
    func `distance makes no difference`(distance: Int) {
        let bytes = [UInt8](repeating: 0x78, count: distance) + needle
        #expect(bytes.span.firstIndex(ofWholeOrCut: needle) == distance)
    }

    @Test(arguments: 1...50)
    func `it finds what a plain search finds`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let bytes = (0..<500).map { _ in needle.randomElement(using: &random) ?? 0 }
        let plain = bytes.indices.first { start in
            let rest = bytes[start...]
            return rest.starts(with: needle) || needle.starts(with: rest)
        }
        #expect(bytes.span.firstIndex(ofWholeOrCut: needle) == plain)
    }
}
