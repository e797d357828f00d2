import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// Holds the example of `DiskFormat.md` against the code.
@Suite struct JournalExampleTests {
    private static let digest: BlobID = {
        let bytes = (0..<32).map { UInt8($0 + 0xA0) }
        return BlobID(digest: bytes.span)
    }()

    private static let record = JournalRecord(
        sequenceNumber: 1,
        entries: [
            .link(
                UploadLink(
                    id: LinkID(high: 0x2643_772f_5cbd_4b72, low: 0xbdfa_9a10_c72c_6fec),
                    expiresAt: 1_714_996_800
                )
            ),
            .images([
                ImageRecord(
                    id: digest,
                    sizeBytes: 70,
                    kind: .png,
                    width: 1,
                    height: 1,
                    camera: "SONY - ILCE-7M2",
                    firstUpload: 1_714_996_740
                )
            ]),
        ]
    )

    /// The bytes between "```hex" and "```" in the page, without offsets and text.
    private static func documented() throws -> [UInt8] {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = "/\(path)/Sources/Catalog/Documentation.docc/DiskFormat.md"
        let files = SystemFileSystem()
        let file = try files.open(page, .read, permissions: 0)
        defer { files.close(file) }
        var content = [UInt8](repeating: 0, count: Int(try files.status(of: file).sizeBytes))
        var span = content.mutableSpan
        _ = try files.read(file, into: &span, at: 0)
        let text = String(decoding: content, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "```hex"))
        let block = lines[(start + 1)...].prefix { $0 != "```" }
        return block.flatMap { line in
            line.split(separator: " ").dropFirst().compactMap { UInt8($0, radix: 16) }
        }
    }

    @Test func `the example of the page decodes to what the page says`() throws {
        let bytes = try Self.documented()
        try #require(bytes.count > 48)
        let segmentHeader = JournalFormat.decodeHeader(bytes.span)
        #expect(segmentHeader == .valid(first: 1))
        let start = JournalFormat.headerByteCount
        let decoded = JournalRecordHeader.decode(bytes.span, at: start)
        let header = try #require(decoded)
        #expect(header.recordByteCount == bytes.count - start)
        let record = header.decodeRecord(bytes.span.extracting(start..<bytes.count))
        #expect(record == Self.record)
    }

    @Test func `what the page says encodes to the example of the page`() throws {
        let bytes = JournalFormat.encodeHeader(first: 1) + Self.record.encode()
        let documented = try Self.documented()
        let dump = Self.dump(bytes)
        #expect(bytes == documented, "the page should show:\n\(dump)")
    }

    private static func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { offset in
            let row = bytes[offset..<min(offset + 16, bytes.count)]
            let hex = row.map { String(Int($0) + 0x100, radix: 16).dropFirst() }
            let place = String(offset + 0x1000, radix: 16).dropFirst()
            return "\(place): " + hex.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
