import TestSupport
import Testing
import UV

@testable import BlobStore

/// The two ways to make a batch durable, and what each makes of errors.
@Suite struct DataFlushTests {
    typealias Kind = MemoryFileSystem.Operation.Kind

    private let fileSystem = MemoryFileSystem()

    /// Makes files with a byte each, none of which is safe.
    private func files(_ count: Int) throws -> [DataFlush.File] {
        try (0..<count).map { number in
            let file = try fileSystem.open(
                "/file-\(number)",
                [.read, .write, .create],
                permissions: 0o600
            )
            try fileSystem.write(file, [UInt8(number)].span, at: 0)
            return DataFlush.File(descriptor: file, sizeBytes: 1)
        }
    }

    private func directories(_ count: Int) throws -> [String] {
        try (0..<count).map { number in
            let path = "/directory-\(number)"
            try fileSystem.makeDirectory(path, permissions: 0o700)
            return path
        }
    }

    /// What is done on the disk meanwhile.
    private func kinds(_ body: () -> Void) -> [Kind] {
        let before = fileSystem.operations.count
        body()
        return fileSystem.operations[before...].map(\.kind)
    }

    @Test func `files below the limit are flushed one by one, those at it together`() throws {
        let limit = DataFlush.sharedFlushMin
        let few = try files(limit - 1)
        let many = try files(limit)
        let began = { (count: Int) in [Kind](repeating: .beginWriteBack, count: count) }
        #expect(
            kinds { _ = DataFlush.flush(few, on: fileSystem) }
                == began(limit - 1) + [Kind](repeating: .synchronizeData, count: limit - 1)
        )
        #expect(
            kinds { _ = DataFlush.flush(many, on: fileSystem) }
                == began(limit) + [Kind](repeating: .finishWriteBack, count: limit)
                + [.synchronizeFileSystem]
        )
    }

    @Test func `directories below the limit are flushed one by one, those at it together`() throws {
        let limit = DataFlush.sharedFlushMin
        let paths = try directories(limit)
        let few = kinds {
            _ = DataFlush.flushDirectories(Array(paths.dropLast()), on: fileSystem)
        }
        #expect(few.filter { $0 == .synchronize }.count == limit - 1)
        #expect(!few.contains(.synchronizeFileSystem))
        let many = kinds { _ = DataFlush.flushDirectories(paths, on: fileSystem) }
        #expect(many == [.open, .synchronizeFileSystem])
    }

    @Test(arguments: [Kind.beginWriteBack, .finishWriteBack])
    func `a file that cannot be written back fails although the flush succeeds`(
        _ kind: Kind
    ) throws {
        let many = try files(DataFlush.sharedFlushMin)
        fileSystem.fail(.kinds([kind]))
        #expect(DataFlush.flush(many, on: fileSystem).allSatisfy { $0 == .io })
    }

    @Test func `a file that failed is not asked again, and no other fails with it`() throws {
        let many = try files(DataFlush.sharedFlushMin)
        fileSystem.fail(.only(1))
        var errors: [UVError?] = []
        let asked = kinds { errors = DataFlush.flush(many, on: fileSystem) }
        #expect(errors.map { $0 == .io } == [false, true, false, false])
        #expect(asked.filter { $0 == .finishWriteBack }.count == many.count - 1)
    }

    @Test func `when the shared flush fails each file is asked itself`() throws {
        let many = try files(DataFlush.sharedFlushMin)
        fileSystem.fail(.kinds([.synchronizeFileSystem]))
        var errors: [UVError?] = []
        let asked = kinds { errors = DataFlush.flush(many, on: fileSystem) }
        #expect(errors.allSatisfy { $0 == nil })
        #expect(asked.filter { $0 == .synchronizeData }.count == many.count)
        fileSystem.fail(.kinds([.synchronizeFileSystem, .synchronizeData]))
        #expect(DataFlush.flush(many, on: fileSystem).allSatisfy { $0 == .io })
    }

    @Test func `when the shared flush fails each directory is asked itself`() throws {
        let paths = try directories(DataFlush.sharedFlushMin)
        fileSystem.fail(.kinds([.synchronizeFileSystem]))
        #expect(DataFlush.flushDirectories(paths, on: fileSystem).allSatisfy { $0 == nil })
        fileSystem.fail(.kinds([.synchronizeFileSystem, .synchronize]))
        #expect(DataFlush.flushDirectories(paths, on: fileSystem).allSatisfy { $0 == .io })
        #expect(fileSystem.openFileCount == 0)
    }

    @Test(arguments: [DataFlush.sharedFlushMin - 1, DataFlush.sharedFlushMin])
    func `what was flushed survives a power cut`(_ count: Int) throws {
        let flushed = try files(count)
        let paths = try directories(count)
        #expect(DataFlush.flush(flushed, on: fileSystem).allSatisfy { $0 == nil })
        #expect(DataFlush.flushDirectories(["/"] + paths, on: fileSystem).allSatisfy { $0 == nil })
        fileSystem.crash(.nothing)
        for number in 0..<count {
            #expect(fileSystem.content(of: "/file-\(number)") == [UInt8(number)])
        }
    }
}
