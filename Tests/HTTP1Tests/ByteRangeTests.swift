import HTTP1
import Testing

@Suite struct `Byte range` {
    private static func ranges(_ list: Range<UInt64>...) -> ByteRange { .ranges(list) }

    /// Of a representation of 100 bytes.
    static let cases: [(String, ByteRange)] = [
        ("bytes=0-9", ranges(0..<10)), ("bytes=0-0", ranges(0..<1)),
        ("bytes=99-99", ranges(99..<100)),
        ("bytes=90-", ranges(90..<100)), ("bytes=0-", ranges(0..<100)),
        ("bytes=-10", ranges(90..<100)),
        ("bytes=-1000", ranges(0..<100)), ("bytes=50-1000", ranges(50..<100)),
        ("BYTES=0-9", ranges(0..<10)), ("bytes= 0-9 , 20-29 ", ranges(0..<10, 20..<30)),
        ("bytes=20-29,0-9", ranges(20..<30, 0..<10)), ("bytes=,0-9,,", ranges(0..<10)),
        ("bytes=0-9,200-300", ranges(0..<10)), ("bytes=0-9,-0", ranges(0..<10)),
        ("bytes=0-99999999999999999999999", ranges(0..<100)),
        // Overlapping and touching ranges become one, where the first of them stood.
        ("bytes=0-9,5-14", ranges(0..<15)), ("bytes=0-9,10-19", ranges(0..<20)),
        ("bytes=0-9,11-19", ranges(0..<10, 11..<20)), ("bytes=0-0,0-0,0-0", ranges(0..<1)),
        ("bytes=20-29,0-9,5-24", ranges(0..<30)), ("bytes=50-59,0-9,8-12", ranges(50..<60, 0..<13)),
        ("bytes=0-9,50-59,8-12", ranges(0..<13, 50..<60)),
        ("bytes=100-", .unsatisfiable), ("bytes=100-200,300-", .unsatisfiable),
        ("bytes=-0", .unsatisfiable), ("bytes=99999999999999999999999-", .unsatisfiable),
        ("", .whole), ("bytes", .whole), ("bytes=", .whole), ("bytes=,", .whole),
        ("bytes=-", .whole),
        ("bytes=9-0", .whole), ("bytes=a-9", .whole), ("bytes=0-a", .whole), ("bytes=0", .whole),
        ("bytes=0 - 9", .whole), ("bytes=0-9-", .whole), ("bytes=--9", .whole),
        ("bytes=+0-9", .whole),
        ("bytes =0-9", .whole), ("bytes:0-9", .whole), ("bytes=0-9;20-29", .whole),
        ("bytes=0-9,x", .whole), ("items=0-9", .whole), ("octets=0-9", .whole), ("=0-9", .whole),
    ]

    @Test(arguments: cases)
    func `is read as RFC 9110 has it`(_ value: String, _ expected: ByteRange) {
        #expect(ByteRange(parsing: value.utf8Span.span, sizeBytes: 100) == expected)
    }

    @Test func `nothing can be satisfied by an empty representation`() {
        for value in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0"] {
            #expect(ByteRange(parsing: value.utf8Span.span, sizeBytes: 0) == .unsatisfiable)
        }
    }

    @Test func `sixteen ranges count and seventeen are ignored`() {
        let list = { (count: Int) in
            "bytes=" + (0..<count).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: ",")
        }
        let sixteen = ByteRange(parsing: list(16).utf8Span.span, sizeBytes: 100)
        let expected: [Range<UInt64>] = (0..<16).map { (index: UInt64) in index * 2..<index * 2 + 1
        }
        #expect(sixteen == .ranges(expected))
        #expect(ByteRange(parsing: list(17).utf8Span.span, sizeBytes: 100) == .whole)
    }

    @Test func `Content-Range says which bytes of how many`() {
        #expect(ByteRange.contentRange(0..<10, sizeBytes: 100) == "bytes 0-9/100")
        #expect(ByteRange.contentRange(99..<100, sizeBytes: 100) == "bytes 99-99/100")
        #expect(ByteRange.contentRangeUnsatisfiable(sizeBytes: 100) == "bytes */100")
    }
}
