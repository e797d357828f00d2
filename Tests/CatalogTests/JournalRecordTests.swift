import Bytes
import TestSupport
import Testing

@testable import Catalog

@Suite struct JournalRecordTests {
    private static let entries: [[JournalEntry]] = [
        [.link(UploadLink(id: LinkID(high: 1, low: 2), expiresAt: -3))],
        [.images([.sample(1)])],
        [.images([.sample(1, camera: "SONY - ILCE-7M2"), .sample(2, kind: .avif)])],
        [
            .images([.sample(3, camera: "\u{e9}\u{1F600}")]),
            .link(UploadLink(id: .random(), expiresAt: .max)),
            .images((10..<60).map { .sample($0, camera: "Camera \($0)") }),
        ],
    ]

    @Test(arguments: entries)
    func `a record is read as it was written`(_ entries: [JournalEntry]) throws {
        let record = JournalRecord(sequenceNumber: 77, entries: entries)
        let bytes = record.encode()
        #expect(bytes.count % JournalFormat.alignmentBytes == 0)
        let decoded = JournalRecordHeader.decode(bytes.span, at: 0)
        let header = try #require(decoded)
        #expect(header.recordByteCount == bytes.count)
        #expect(header.decodeRecord(bytes.span) == record)
    }

    @Test func `the largest entry fits into a record`() throws {
        let camera = String(repeating: "x", count: ImageRecord.cameraByteLimit)
        let images = (0..<UInt64(JournalFormat.imageCountLimit)).map {
            ImageRecord.sample($0, camera: camera)
        }
        var encoder = JournalRecordEncoder()
        encoder.append(.images(images))
        #expect(encoder.entriesByteCount == JournalFormat.entryByteLimit)
        let largest = JournalFormat.recordByteGoal + JournalFormat.entryByteLimit
        #expect(largest <= JournalFormat.entriesByteLimit)
        let bytes = encoder.finish(sequenceNumber: 1)
        let header = JournalRecordHeader.decode(bytes.span, at: 0)
        let record = header?.decodeRecord(bytes.span)
        #expect(record?.entries == [.images(images)])
    }

    @Test(arguments: [0, JournalFormat.entriesByteLimit + 1])
    func `a length out of its bounds is no header`(_ length: Int) {
        let bytes = JournalRecordHeader(
            entriesByteCount: length,
            sequenceNumber: 1,
            entryCount: 1
        ).encode()
        let header = JournalRecordHeader.decode(bytes.span, at: 0)
        #expect(header == nil)
    }

    @Test func `a length at its bound is a header`() {
        let header = JournalRecordHeader(
            entriesByteCount: JournalFormat.entriesByteLimit,
            sequenceNumber: .max,
            entryCount: 1
        )
        let bytes = header.encode()
        let decoded = JournalRecordHeader.decode(bytes.span, at: 0)
        #expect(decoded == header)
    }

    @Test func `entries that no writer writes are not read`() {
        var images: [UInt8] = []
        JournalEntry.images([.sample(1, camera: "AB")]).encode(into: &images)
        func decode(_ change: (inout [UInt8]) -> Void) -> JournalEntry? {
            var bytes = images
            change(&bytes)
            var offset = 0
            return JournalEntry.decode(bytes.span, at: &offset)
        }
        #expect(decode { _ in } != nil)
        #expect(decode { $0[0] = 0 } == nil, "unknown kind")
        #expect(decode { $0[0] = 3 } == nil, "unknown kind")
        #expect(decode { $0[1] = 0 } == nil, "no image")
        #expect(decode { $0[1] = 2 } == nil, "an image is missing")
        #expect(decode { $0[4] = 0xFF } == nil, "too many images")
        #expect(decode { $0[5 + 56] = 0 } == nil, "unknown format")
        #expect(decode { $0[5 + 56] = 9 } == nil, "unknown format")
        #expect(decode { $0[5 + 57] = 3 } == nil, "a camera past the end")
        #expect(decode { $0[5 + 58] = 0xFF } == nil, "a camera past its limit")
        #expect(decode { $0[5 + 59] = 0xFF } == nil, "not UTF-8")
        for count in 0..<images.count {
            #expect(decode { $0.removeLast(images.count - count) } == nil, "cut at \(count)")
        }
    }

    @Test(arguments: [1, 0xABCD, UInt64.max])
    func `the name of a segment is read as it was written`(_ first: UInt64) {
        let name = JournalFormat.name(first: first)
        #expect(name.utf8.count == 24)
        #expect(JournalFormat.first(ofSegmentNamed: name) == first)
    }

    @Test(arguments: [
        "journal-", "journal-000000000000000", "journal-00000000000000001",
        "journal-000000000000000A", "Journal-0000000000000001", "snapshot", "",
    ])
    func `other names are no segments`(_ name: String) {
        #expect(JournalFormat.first(ofSegmentNamed: name) == nil)
    }
}
