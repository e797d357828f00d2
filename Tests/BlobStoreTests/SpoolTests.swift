import TestSupport
import Testing
import UV

@testable import BlobStore

/// How a temporary file that grows is written to the disk while it grows.
@Suite struct SpoolTests {
    private let fileSystem = MemoryFileSystem()

    /// Writes so many bytes at once, one time after the other.
    private func write(_ counts: [Int]) throws {
        let janitor = try Janitor(fileSystem: fileSystem) { _ in }
        defer { janitor.finish() }
        var spool = FileSpool(
            path: "/upload",
            fileSystem: fileSystem,
            janitor: janitor,
            writeBackBytes: 10
        )
        defer { spool.discard() }
        var offset: UInt64 = 0
        for count in counts {
            try spool.write([UInt8](repeating: 1, count: count).span, at: offset)
            offset += UInt64(count)
        }
    }

    private var writeBacks: [MemoryFileSystem.Operation.Kind] {
        fileSystem.operations.map(\.kind).filter { $0 == .beginWriteBack || $0 == .finishWriteBack }
    }

    @Test func `a file below the limit is left to the flush`() throws {
        try write([4, 5])
        #expect(writeBacks.isEmpty)
    }

    @Test func `at the limit writing back begins, and is waited for one stretch later`() throws {
        try write([4, 6])
        #expect(writeBacks == [.beginWriteBack])
        try write([10, 9, 1, 30])
        #expect(
            writeBacks.dropFirst() == [
                .beginWriteBack, .beginWriteBack, .finishWriteBack, .beginWriteBack,
                .finishWriteBack,
            ]
        )
    }

    @Test(arguments: [.beginWriteBack, .finishWriteBack] as [MemoryFileSystem.Operation.Kind])
    func `a failed write-back fails the write`(_ kind: MemoryFileSystem.Operation.Kind) throws {
        fileSystem.fail(.kinds([kind]), with: .noSpace)
        #expect(code { try write([10, 10]) } == .noSpace)
    }
}
