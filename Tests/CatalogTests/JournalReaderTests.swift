import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// The recovery rules for one segment: what is read, what is a torn tail, what is refused.
@Suite struct JournalReaderTests {
    private static func record(_ number: UInt64, images: UInt64 = 1) -> JournalRecord {
        JournalRecord(
            sequenceNumber: number,
            entries: [
                .images((0..<images).map { .sample(number * 1000 + $0, camera: "Camera \($0)") })
            ]
        )
    }

    private static func segment(_ records: [JournalRecord], first: UInt64 = 1) -> [UInt8] {
        JournalFormat.encodeHeader(first: first) + records.flatMap { $0.encode() }
    }

    private struct Read {
        var records: [JournalRecord]
        var end: JournalReader.End
    }

    private static func read(
        _ bytes: [UInt8],
        first: UInt64 = 1,
        isLast: Bool = true
    ) throws -> Read {
        let files = MemoryFileSystem()
        let path = "/" + JournalFormat.name(first: first)
        try files.plant(bytes, at: path)
        let file = try files.open(path, .read, permissions: 0)
        let window = try FileWindow(file, path: path, fileSystem: files)
        var reader = JournalReader(window, first: first, isLast: isLast)
        var records: [JournalRecord] = []
        let end = try reader.read { records.append($0) }
        return Read(records: records, end: end)
    }

    private static func expectDamage(
        _ bytes: [UInt8],
        at offset: Int,
        isLast: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CatalogError.self, sourceLocation: sourceLocation) {
            _ = try read(bytes, isLast: isLast)
        }
        #expect(error?.code == .damaged, sourceLocation: sourceLocation)
        let message = error?.message ?? ""
        #expect(
            message.contains("/journal-0000000000000001: ") && message.contains("offset \(offset);")
                && message.contains("image-service rebuild --data-dir"),
            "\(message)",
            sourceLocation: sourceLocation
        )
    }

    @Test func `records are read in order`() throws {
        let records = (1...5).map { Self.record($0, images: $0) }
        let bytes = Self.segment(records)
        let read = try Self.read(bytes)
        #expect(read.records == records)
        #expect(read.end.nextSequenceNumber == 6)
        #expect(read.end.validByteCount == UInt64(bytes.count))
    }

    @Test func `a segment without records is read`() throws {
        let read = try Self.read(Self.segment([], first: 7), first: 7)
        #expect(read.records.isEmpty)
        #expect(read.end.nextSequenceNumber == 7)
    }

    @Test func `a torn last record is ignored, wherever it is cut`() throws {
        let records = [Self.record(1), Self.record(2, images: 12)]
        let whole = Self.segment([records[0]])
        let bytes = Self.segment(records)
        for count in whole.count..<bytes.count {
            let read = try Self.read(Array(bytes[0..<count]))
            #expect(read.records == [records[0]], "cut at \(count)")
            #expect(read.end.validByteCount == UInt64(whole.count), "cut at \(count)")
        }
    }

    @Test func `a torn header of the last segment is no segment yet`() throws {
        let header = Self.segment([])
        for count in 0..<header.count {
            let read = try Self.read(Array(header[0..<count]))
            #expect(read.end == .init(nextSequenceNumber: 1, validByteCount: 0))
        }
        let zeros = [UInt8](repeating: 0, count: header.count)
        #expect(try Self.read(zeros).end.validByteCount == 0)
    }

    @Test func `zeros after the last record are a torn tail`() throws {
        let bytes = Self.segment([Self.record(1)])
        for count in [1, 7, 8, 23, 24, 25, 511, 512, 4096] {
            let read = try Self.read(bytes + [UInt8](repeating: 0, count: count))
            #expect(read.records.count == 1, "\(count) zeros")
            #expect(read.end.validByteCount == UInt64(bytes.count), "\(count) zeros")
        }
    }

    @Test func `a last record with an unwritten sector is a torn tail`() throws {
        let start = Self.segment([Self.record(1)]).count
        let bytes = Self.segment([Self.record(1), Self.record(2, images: 40)])
        let sector = JournalFormat.sectorBytes
        for first in stride(from: start / sector * sector, to: bytes.count, by: sector) {
            var torn = bytes
            for i in max(first, start)..<min(first + sector, bytes.count) { torn[i] = 0 }
            let read = try Self.read(torn)
            #expect(read.records.count == 1, "sector at \(first)")
            #expect(read.end.validByteCount == UInt64(start), "sector at \(first)")
        }
    }

    @Test func `an unwritten sector in the middle is damage`() throws {
        let records = [Self.record(1), Self.record(2, images: 40), Self.record(3)]
        let start = Self.segment([records[0]]).count
        let end = Self.segment(Array(records[0..<2])).count
        let bytes = Self.segment(records)
        let sector = JournalFormat.sectorBytes
        for first in stride(from: start / sector * sector, to: end, by: sector) {
            var damaged = bytes
            for i in max(first, start)..<min(first + sector, end) { damaged[i] = 0 }
            Self.expectDamage(damaged, at: start)
        }
    }

    @Test func `a changed byte is damage, wherever it is`() throws {
        let records = [Self.record(1), Self.record(2, images: 12)]
        let bytes = Self.segment(records)
        let second = Self.segment([records[0]]).count
        for i in bytes.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF, bytes[i]] where change != 0 {
                var damaged = bytes
                damaged[i] ^= change
                let error = #expect(throws: CatalogError.self, "byte \(i), \(change)") {
                    _ = try Self.read(damaged)
                }
                #expect(error?.code == .damaged, "byte \(i)")
                if i >= second {
                    #expect(error?.message.contains("offset \(second);") == true, "byte \(i)")
                }
            }
        }
    }

    @Test func `garbage after the last record is damage`() throws {
        let bytes = Self.segment([Self.record(1)])
        Self.expectDamage(bytes + [UInt8](repeating: 0xAA, count: 24), at: bytes.count)
    }

    @Test func `a gap in the numbers is damage`() throws {
        let first = Self.record(1)
        Self.expectDamage(Self.segment([first, Self.record(3)]), at: Self.segment([first]).count)
        Self.expectDamage(Self.segment([first, first]), at: Self.segment([first]).count)
    }

    @Test func `a segment that is not the last must be whole`() throws {
        let records = [Self.record(1), Self.record(2)]
        let bytes = Self.segment(records)
        let second = Self.segment([records[0]]).count
        #expect(try Self.read(bytes, isLast: false).records == records)
        for count in second + 1..<bytes.count {
            Self.expectDamage(Array(bytes[0..<count]), at: second, isLast: false)
        }
        Self.expectDamage(Array(bytes[0..<10]), at: 0, isLast: false)
        Self.expectDamage(bytes + [UInt8](repeating: 0, count: 512), at: bytes.count, isLast: false)
    }

    @Test func `another version is refused by its number`() throws {
        var bytes = Self.segment([Self.record(1)])
        bytes[8] = 2
        let error = #expect(throws: CatalogError.self) { _ = try Self.read(bytes) }
        #expect(error?.message.contains("version 2") == true)
    }

    @Test func `a segment under another segment's name is refused`() throws {
        let bytes = Self.segment([Self.record(1)])
        let error = #expect(throws: CatalogError.self) { _ = try Self.read(bytes, first: 2) }
        #expect(error?.code == .damaged)
    }
}
