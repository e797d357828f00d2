import Bytes
import ImageFormat
import Testing

@Suite struct ISOBoxTests {
    /// The boxes of a file, or of a part of it.
    private func boxes(_ bytes: [UInt8], in range: Range<UInt64>? = nil) throws -> [ISOBox] {
        let source = ArrayImageSource(bytes, isComplete: true)
        var reader = HeaderReader(source, maxReads: 100)
        var list = ISOBoxes(in: range ?? 0..<UInt64.max, maxCount: 3)
        var found: [ISOBox] = []
        while let box = try list.next(&reader) { found.append(box) }
        return found
    }

    @Test func `boxes stand one behind the other, with short sizes and long ones`() throws {
        let long = bigEndian(UInt32(1)) + Array("mdat".utf8) + bigEndian(UInt64(20)) + zeros(4)
        let found = try boxes(
            HEIFBuilder.box("free", zeros(2)) + long + HEIFBuilder.box("skip", [])
        )
        #expect(found.map(\.type) == ["free", "mdat", "skip"])
        #expect(found.map(\.content) == [8..<10, 26..<30, 38..<38])
    }

    @Test func `a box of size 0 reaches to the end of what it lies in`() throws {
        let open = bigEndian(UInt32(0)) + Array("mdat".utf8) + zeros(12)
        #expect(try boxes(open).map(\.content) == [8..<UInt64.max])
        #expect(try boxes(open, in: 0..<15).map(\.content) == [8..<15])
    }

    @Test func `bytes too few for a head are padding in a box, and nothing at the end of a file`()
        throws
    {
        let box = HEIFBuilder.box("free", [])
        #expect(try boxes(box + zeros(7), in: 0..<15).count == 1)
        #expect(try boxes(box + zeros(7)).count == 1)
    }

    @Test func `as many boxes as the limit are read, one more is refused`() throws {
        let box = HEIFBuilder.box("free", [])
        #expect(try boxes(box * 3, in: 0..<24).count == 3)
        #expect(throws: ImageFormatError.self) { try boxes(box * 4, in: 0..<32) }
    }
}
