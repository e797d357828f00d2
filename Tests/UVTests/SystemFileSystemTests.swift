import Bytes
import Glibc
import TestSupport
import Testing
import UV

/// Opening, reading, writing and locking; what concerns names is in `SystemFileSystemPathTests`.
@Suite struct SystemFileSystemTests {
    private let files = SystemFileSystem()

    @Test func `what is written is read back, also in parts`() throws {
        let directory = try TemporaryDirectory()
        let file = try create(in: directory)
        defer { files.close(file) }
        let bytes = pattern(count: 1_000)
        try files.write(file, bytes.span, at: 0)
        #expect(try read(file, count: 1_000, at: 0) == bytes)
        #expect(try read(file, count: 10, at: 500) == Array(bytes[500..<510]))
        try files.write(file, bytes.span.extracting(0..<3), at: 500)
        #expect(try read(file, count: 5, at: 499) == [bytes[499], 0, 1, 2, bytes[503]])
    }

    @Test func `a write of more than a mebibyte is whole`() throws {
        let directory = try TemporaryDirectory()
        let file = try create(in: directory)
        defer { files.close(file) }
        let bytes = pattern(count: (5 << 20) + 3)
        try files.write(file, bytes.span, at: 7)
        #expect(try read(file, count: bytes.count + 100, at: 7) == bytes)
        #expect(try files.status(of: file).sizeBytes == UInt64(bytes.count) + 7)
    }

    @Test func `reading past the end gives what there is`() throws {
        let directory = try TemporaryDirectory()
        let file = try create(in: directory)
        defer { files.close(file) }
        let bytes: [UInt8] = [1, 2, 3]
        try files.write(file, bytes.span, at: 0)
        #expect(try read(file, count: 10, at: 1) == [2, 3])
        #expect(try read(file, count: 10, at: 3) == [])
        #expect(try read(file, count: 10, at: 1_000) == [])
        #expect(try read(file, count: 0, at: 0) == [])
    }

    @Test func `offsets beyond 4 GiB are kept, and a gap reads as zeros`() throws {
        let directory = try TemporaryDirectory()
        let file = try create(in: directory)
        defer { files.close(file) }
        let offset: UInt64 = 5 << 30 | 3
        let bytes: [UInt8] = [9, 8, 7]
        try files.write(file, bytes.span, at: offset)
        #expect(try files.status(of: file).sizeBytes == offset + 3)
        #expect(try read(file, count: 5, at: offset - 2) == [0, 0, 9, 8, 7])
        // Where a 32-bit offset would have gone.
        #expect(try read(file, count: 3, at: offset & 0xFFFF_FFFF) == [0, 0, 0])
        try files.truncate(file, to: offset + 1)
        #expect(try read(file, count: 5, at: offset) == [9])
    }

    @Test func `an empty write writes nothing`() throws {
        let directory = try TemporaryDirectory()
        let file = try files.open(directory.path("f"), [.write, .create], permissions: 0o600)
        defer { files.close(file) }
        try files.write(file, [UInt8]().span, at: 100)
        #expect(try files.status(of: file).sizeBytes == 0)
    }

    @Test func `a full device is ENOSPC`() throws {
        // Linux's own full device: every write to it fails as on a full disk (man 4 full).
        let file = try files.open("/dev/full", .write, permissions: 0)
        defer { files.close(file) }
        let bytes: [UInt8] = [1]
        #expect(throws: UVError.noSpace) { try files.write(file, bytes.span, at: 0) }
    }

    @Test func `a write that was cut short goes on, and fails when nothing more fits`() async {
        await #expect(processExitsWith: .success) {
            let files = SystemFileSystem()
            let directory = try TemporaryDirectory()
            let path = directory.path("f")
            let file = try files.open(path, [.write, .create], permissions: 0o600)
            // The kernel takes a part up to the limit and refuses the rest in a second call.
            let limit = try ProcessLimit(RLIMIT_FSIZE, to: 100_001)
            ignoreFileSizeSignal()
            let bytes = pattern(count: 200_000)
            let error = #expect(throws: UVError.self) {
                try files.write(file, bytes.span, at: 0)
            }
            #expect(error?.name == "EFBIG")
            #expect(try files.status(of: file).sizeBytes == 100_001)
            try limit.lift()
            files.close(file)
        }
    }

    @Test func `using a file the wrong way is EBADF`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("f")
        let writer = try files.open(path, [.write, .create], permissions: 0o600)
        #expect(throws: UVError.badDescriptor) { try read(writer, count: 1, at: 0) }
        files.close(writer)
        let reader = try files.open(path, .read, permissions: 0)
        defer { files.close(reader) }
        let bytes: [UInt8] = [1]
        #expect(throws: UVError.badDescriptor) { try files.write(reader, bytes.span, at: 0) }
        #expect(throws: UVError.invalidArgument) { try files.truncate(reader, to: 0) }
    }

    @Test func `what is not open is EBADF for every operation, and closing it is harmless`() {
        let file = FileDescriptor(raw: -1)
        let bytes: [UInt8] = [1]
        #expect(throws: UVError.badDescriptor) { try read(file, count: 1, at: 0) }
        #expect(throws: UVError.badDescriptor) { try files.write(file, bytes.span, at: 0) }
        #expect(throws: UVError.badDescriptor) { try files.synchronize(file) }
        #expect(throws: UVError.badDescriptor) { try files.synchronizeData(file) }
        #expect(throws: UVError.badDescriptor) { try files.beginWriteBack(file, 0..<1) }
        #expect(throws: UVError.badDescriptor) { try files.finishWriteBack(file, 0..<1) }
        #expect(throws: UVError.badDescriptor) { try files.synchronizeFileSystem(of: file) }
        #expect(throws: UVError.badDescriptor) { try files.truncate(file, to: 0) }
        #expect(throws: UVError.badDescriptor) { try files.lock(file) }
        #expect(throws: UVError.badDescriptor) { try files.status(of: file) }
        files.close(file)
    }

    @Test func `reading a directory is EISDIR`() throws {
        let directory = try TemporaryDirectory()
        let file = try files.open(directory.path, [.read, .directory], permissions: 0)
        defer { files.close(file) }
        #expect(throws: UVError.isDirectory) { try read(file, count: 1, at: 0) }
    }

    @Test func `files and directories can be made durable`() throws {
        let directory = try TemporaryDirectory()
        let file = try files.open(directory.path("f"), [.write, .create], permissions: 0o600)
        defer { files.close(file) }
        try files.synchronize(file)
        try files.synchronizeData(file)
        let folder = try files.open(directory.path, [.read, .directory], permissions: 0)
        defer { files.close(folder) }
        try files.synchronize(folder)
        try flushAll(folder)
    }

    /// Flushes the whole file system, unless it is of a kind where that is not relied upon.
    private func flushAll(_ file: FileDescriptor) throws {
        do throws(UVError) {
            try files.synchronizeFileSystem(of: file)
        } catch {
            #expect(error == .notSupported)
        }
    }

    @Test func `a file system that may answer a flush without doing it is not believed`() throws {
        // What /proc is made of is written nowhere.
        let file = try files.open("/proc/self/status", [.read], permissions: 0)
        defer { files.close(file) }
        #expect(throws: UVError.notSupported) { try files.synchronizeFileSystem(of: file) }
    }

    @Test func `a file's bytes can be written back, past its end as well`() throws {
        let directory = try TemporaryDirectory()
        let file = try create(in: directory)
        defer { files.close(file) }
        try files.write(file, [1, 2, 3].span, at: 0)
        try files.beginWriteBack(file, 0..<3)
        try files.finishWriteBack(file, 0..<3)
        try files.finishWriteBack(file, 2..<10_000)
        try flushAll(file)
        #expect(try read(file, count: 10, at: 0) == [1, 2, 3])
    }

    @Test func `truncating cuts and extends`() throws {
        let directory = try TemporaryDirectory()
        let file = try create(in: directory)
        defer { files.close(file) }
        let bytes: [UInt8] = [1, 2, 3]
        try files.write(file, bytes.span, at: 0)
        try files.truncate(file, to: 2)
        try files.truncate(file, to: 4)
        #expect(try read(file, count: 10, at: 0) == [1, 2, 0, 0])
    }

    @Test func `a lock held by another descriptor is EAGAIN until that one is closed`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("lock")
        let first = try files.open(path, [.write, .create], permissions: 0o600)
        let second = try files.open(path, .read, permissions: 0)
        defer { files.close(second) }
        try files.lock(first)
        try files.lock(first)
        #expect(throws: UVError.wouldBlock) { try files.lock(second) }
        files.close(first)
        try files.lock(second)
    }

    private func create(in directory: borrowing TemporaryDirectory) throws -> FileDescriptor {
        try files.open(directory.path("f"), [.read, .write, .create], permissions: 0o600)
    }

    private func read(_ file: FileDescriptor, count: Int, at offset: UInt64) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xAA, count: count)
        var span = bytes.mutableSpan
        let filled = try files.read(file, into: &span, at: offset)
        let isRestUntouched = bytes[filled...].allSatisfy { $0 == 0xAA }
        #expect(isRestUntouched)
        return Array(bytes[..<filled])
    }
}
