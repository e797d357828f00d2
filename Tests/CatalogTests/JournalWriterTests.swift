import TestSupport
import Testing
import UV

@testable import Catalog

@Suite struct JournalWriterTests {
    private static func makeDirectory() throws -> (MemoryFileSystem, CatalogDirectory) {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        return (files, CatalogDirectory(path: "/data", fileSystem: files))
    }

    private static func makeWriter(_ directory: CatalogDirectory) throws -> JournalWriter {
        let recovered = try Recovery(directory, limits: CatalogLimits()).recover()
        return recovered.writer
    }

    private static func encoder(_ number: UInt64) -> JournalRecordEncoder {
        var encoder = JournalRecordEncoder()
        encoder.append(.images([.sample(number)]))
        return encoder
    }

    @Test func `records get one number after the other`() throws {
        let (files, directory) = try Self.makeDirectory()
        var writer = try Self.makeWriter(directory)
        #expect(writer.nextSequenceNumber == 1)
        try writer.append(Self.encoder(1))
        try writer.append(Self.encoder(2))
        #expect(writer.nextSequenceNumber == 3)
        writer.close()
        #expect(files.openFileCount == 0)
        #expect(try Self.makeWriter(directory).nextSequenceNumber == 3)
    }

    @Test func `a new segment is begun only after a record`() throws {
        let (files, directory) = try Self.makeDirectory()
        var writer = try Self.makeWriter(directory)
        let before = files.operations.count
        try writer.startSegment()
        #expect(files.operations.count == before)
        try writer.append(Self.encoder(1))
        try writer.startSegment()
        #expect(try directory.segments() == [1, 2])
        try writer.append(Self.encoder(2))
        writer.close()
        #expect(try Self.makeWriter(directory).nextSequenceNumber == 3)
    }

    @Test func `a segment that could not be begun is no obstacle`() throws {
        // The operations of beginning one: open, write, flush, open and flush the directory.
        for number in 0..<5 {
            let (files, directory) = try Self.makeDirectory()
            var writer = try Self.makeWriter(directory)
            try writer.append(Self.encoder(1))
            files.fail(.only(number))
            #expect(throws: CatalogError.self) { try writer.startSegment() }
            files.fail(nil)
            #expect(!writer.isAbandoned)
            #expect(try directory.segments() == [1])
            try writer.append(Self.encoder(2))
            writer.close()
            #expect(try Self.makeWriter(directory).nextSequenceNumber == 3)
            #expect(files.openFileCount == 1)
        }
    }

    @Test func `a half-made segment that cannot be removed ends the one before`() throws {
        let (files, directory) = try Self.makeDirectory()
        var writer = try Self.makeWriter(directory)
        try writer.append(Self.encoder(1))
        files.fail(.from(2))
        #expect(throws: CatalogError.self) { try writer.startSegment() }
        files.fail(nil)
        #expect(writer.isAbandoned)
        #expect(writer.nextSequenceNumber == 2, "no record failed, so none is burned")
        #expect(throws: CatalogError.self) { try writer.append(Self.encoder(2)) }
        #expect(files.openFileCount == 0)
    }

    @Test func `a failed write that cannot be cut back burns its number`() throws {
        let (files, directory) = try Self.makeDirectory()
        var writer = try Self.makeWriter(directory)
        files.fail(.from(0))
        #expect(throws: CatalogError.self) { try writer.append(Self.encoder(1)) }
        #expect(writer.isAbandoned)
        #expect(writer.nextSequenceNumber == 2)
    }
}
