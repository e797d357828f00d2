internal import Synchronization
internal import UV

/// The system's files, with flushes that can be left out.
///
/// What a flush costs is the disk's business and the same at any number of images; leaving it out
/// shows what the catalog's own work costs.
final class UnflushedFileSystem: FileSystem {
    private let files = SystemFileSystem()
    private let isFlushing = Atomic(true)

    /// Whether flushes are passed on.
    var flushes: Bool {
        get { isFlushing.load(ordering: .relaxed) }
        set { isFlushing.store(newValue, ordering: .relaxed) }
    }

    func synchronize(_ file: FileDescriptor) throws(UVError) {
        if flushes { try files.synchronize(file) }
    }

    func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        if flushes { try files.synchronizeData(file) }
    }

    func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        if flushes { try files.synchronizeFileSystem(of: file) }
    }

    func beginWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        if flushes { try files.beginWriteBack(file, range) }
    }

    func finishWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        if flushes { try files.finishWriteBack(file, range) }
    }

    func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor {
        try files.open(path, options, permissions: permissions)
    }

    func close(_ file: FileDescriptor) { files.close(file) }

    func read(
        _ file: FileDescriptor,
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(UVError) -> Int {
        try files.read(file, into: &span, at: offset)
    }

    func write(_ file: FileDescriptor, _ bytes: Span<UInt8>, at offset: UInt64) throws(UVError) {
        try files.write(file, bytes, at: offset)
    }

    func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError) {
        try files.truncate(file, to: sizeBytes)
    }

    func lock(_ file: FileDescriptor) throws(UVError) { try files.lock(file) }

    func status(of path: String) throws(UVError) -> FileStatus { try files.status(of: path) }

    func status(of file: FileDescriptor) throws(UVError) -> FileStatus {
        try files.status(of: file)
    }

    func link(_ existing: String, to new: String) throws(UVError) {
        try files.link(existing, to: new)
    }

    func rename(_ old: String, to new: String) throws(UVError) { try files.rename(old, to: new) }

    func remove(_ path: String) throws(UVError) { try files.remove(path) }

    func makeDirectory(_ path: String, permissions: UInt32) throws(UVError) {
        try files.makeDirectory(path, permissions: permissions)
    }

    func removeDirectory(_ path: String) throws(UVError) { try files.removeDirectory(path) }

    func list(_ path: String) throws(UVError) -> [String] { try files.list(path) }
}
