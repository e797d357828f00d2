internal import BlobStore
internal import Bytes
internal import ImageFormat
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct IncomingBlobSourceTests {
    private let content = (0..<100).map { UInt8($0) }

    /// A blob with the content, of which some ranges are in hand.
    private func source(
        inHand ranges: [Range<Int>],
        isComplete: Bool = true
    ) throws -> IncomingBlobSource {
        let blob = MemoryBlobStore(capacityBytes: 1_000) { 0 }.makeIncoming()
        try blob.append(content.span)
        var inHand = BytesInHand()
        for range in ranges {
            // Not at the buffer's start, as in a form; and altered, to tell the two places apart.
            let bytes = [0xFF, 0xFF, 0xFF] + content[range].map { $0 + 100 }
            let buffer = Buffer(copying: bytes)
            inHand.add(buffer, 3..<3 + range.count, at: UInt64(range.lowerBound))
        }
        return IncomingBlobSource(blob: blob, inHand: inHand, isComplete: isComplete)
    }

    @Test(arguments: [
        // Whole stretches, their ends, and what goes a byte beyond one.
        (10..<20, true), (10..<11, true), (19..<20, true), (9..<20, false), (10..<21, false),
        (0..<10, false), (20..<30, false), (30..<40, true), (15..<35, false), (40..<41, false),
        (100..<100, false), (10..<10, true), (20..<20, true),
    ])
    func `bytes in hand are taken from there, others from the blob`(
        range: Range<Int>,
        isInHand: Bool
    ) throws {
        let source = try source(inHand: [10..<20, 30..<40])
        let expected = content[range].map { isInHand ? $0 + 100 : $0 }
        #expect(try source.read(at: UInt64(range.lowerBound), count: range.count) == expected)
    }

    @Test func `at the end of a complete file fewer bytes come, and of others more must come`()
        throws
    {
        let complete = try source(inHand: [90..<100])
        #expect(try complete.read(at: 95, count: 10) == Array(95..<100))
        #expect(try complete.read(at: UInt64.max, count: 2) == [])
        let arriving = try source(inHand: [90..<100], isComplete: false)
        #expect(throws: ImageFormatError.needMoreData) { try arriving.read(at: 95, count: 10) }
        #expect(try arriving.read(at: 95, count: 5) == (195..<200).map { UInt8($0) })
    }
}
