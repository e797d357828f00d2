internal import Bytes
internal import UV

/// Where the bytes of an incoming blob wait until their name is known.
protocol Spool: Sendable {
    /// Makes the place, when it is not there yet.
    mutating func create() throws(BlobStoreError)

    /// Writes bytes after those that are there.
    mutating func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(BlobStoreError)

    /// Reads what was written; gives the number of bytes read, fewer than asked at the end only.
    func read(
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(BlobStoreError) -> Int

    /// Gives the content away; what remains here is empty.
    mutating func handOver() -> SpooledContent

    /// Lets everything go, before this returns. Harmless twice.
    mutating func discard()

    /// Lets everything go, in the background where that may block. Harmless twice.
    mutating func abandon()
}

/// What a spool gives away.
enum SpooledContent: Sendable {
    /// A file with one name, and the descriptor that the receiver has to close.
    case file(path: String, FileDescriptor)
    /// The bytes themselves.
    case bytes([UInt8])
}

/// A temporary file in `incoming/`.
struct FileSpool: Spool {
    let path: String
    let fileSystem: any FileSystem
    let janitor: Janitor
    /// Open from the first write until the file is given away or let go.
    private var descriptor: FileDescriptor?
    /// Up to where writing to the disk has begun.
    private var begunBytes: UInt64 = 0
    /// Up to where the disk has taken the bytes.
    private var takenBytes: UInt64 = 0

    /// Bytes after which the disk is told to begin with them.
    private let writeBackBytes: UInt64

    init(
        path: String,
        fileSystem: any FileSystem,
        janitor: Janitor,
        writeBackBytes: UInt64 = BlobStoreLimits.writeBackBytes
    ) {
        self.writeBackBytes = writeBackBytes
        self.path = path
        self.fileSystem = fileSystem
        self.janitor = janitor
    }

    mutating func create() throws(BlobStoreError) {
        _ = try opened()
    }

    private mutating func opened() throws(BlobStoreError) -> FileDescriptor {
        if let descriptor { return descriptor }
        do throws(UVError) {
            // `exclusive` also refuses a symbolic link under that name (open(2), O_EXCL).
            let file = try fileSystem.open(
                path,
                [.read, .write, .create, .exclusive, .noFollow],
                permissions: BlobLayout.filePermissions
            )
            descriptor = file
            return file
        } catch {
            throw BlobStoreError("making \(path)", error)
        }
    }

    mutating func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(BlobStoreError) {
        let file = try opened()
        do throws(UVError) {
            try fileSystem.write(file, bytes, at: offset)
            try writeBack(file, writtenBytes: offset + UInt64(bytes.count))
        } catch {
            throw BlobStoreError("writing \(bytes.count) bytes to \(path)", error)
        }
    }

    /// Lets the disk work while the file arrives, so that little is left to flush at its end.
    ///
    /// It also waits for the stretch before, whence a file under way never has more than three
    /// stretches that the disk has not taken: others' flushes of the file system wait for no more.
    private mutating func writeBack(
        _ file: FileDescriptor,
        writtenBytes: UInt64
    ) throws(UVError) {
        guard writtenBytes - begunBytes >= writeBackBytes else { return }
        do throws(UVError) {
            try fileSystem.beginWriteBack(file, begunBytes..<writtenBytes)
            if begunBytes > takenBytes {
                try fileSystem.finishWriteBack(file, takenBytes..<begunBytes)
            }
        } catch .notSupported {
            // It would only have begun early what the flush at the end does anyway.
        }
        takenBytes = begunBytes
        begunBytes = writtenBytes
    }

    func read(
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(BlobStoreError) -> Int {
        guard let descriptor else { return 0 }
        do throws(UVError) {
            return try fileSystem.read(descriptor, into: &span, at: offset)
        } catch {
            throw BlobStoreError("reading \(path) back", error)
        }
    }

    mutating func handOver() -> SpooledContent {
        guard let file = descriptor.take() else {
            preconditionFailure("a sealed blob has its file open")
        }
        return .file(path: path, file)
    }

    mutating func discard() {
        guard let file = descriptor.take() else { return }
        janitor.perform(.drop(path: path, file))
    }

    mutating func abandon() {
        guard let file = descriptor.take() else { return }
        janitor.submit(.drop(path: path, file))
    }
}

/// An array, for the store that keeps everything in memory.
struct MemorySpool: Spool {
    private var bytes: [UInt8] = []

    init() {}

    mutating func create() {}

    mutating func write(_ bytes: Span<UInt8>, at offset: UInt64) {
        precondition(offset == UInt64(self.bytes.count), "a spool has no holes")
        self.bytes.append(bytes)
    }

    func read(into span: inout MutableSpan<UInt8>, at offset: UInt64) -> Int {
        guard offset < UInt64(bytes.count) else { return 0 }
        let start = Int(offset)
        let count = min(span.count, bytes.count - start)
        for i in 0..<count { span[i] = bytes[start + i] }
        return count
    }

    mutating func handOver() -> SpooledContent {
        defer { bytes = [] }
        return .bytes(bytes)
    }

    mutating func discard() { bytes = [] }

    mutating func abandon() { bytes = [] }
}
