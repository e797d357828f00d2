import Dispatch
import UV

/// A file system on which the removal of one path waits for the test.
///
/// The commit thread does such a removal when it is asked for; meanwhile a test can queue up what
/// is to come together into one group.
struct GatedFileSystem: FileSystem {
    let base: any FileSystem
    /// Nothing stands there, and the wait leaves no trace on `base`.
    let gatedPath: String
    private let arrived = DispatchSemaphore(value: 0)
    private let gate = DispatchSemaphore(value: 0)

    init(base: any FileSystem, gatedPath: String) {
        self.base = base
        self.gatedPath = gatedPath
    }

    /// Waits until the removal has begun.
    func waitForArrival() { arrived.wait() }

    /// Lets the removal fail, and the thread go on.
    func open() { gate.signal() }

    func remove(_ path: String) throws(UVError) {
        guard path == gatedPath else { return try base.remove(path) }
        arrived.signal()
        gate.wait()
        throw .notFound
    }

    func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        try base.synchronizeData(file)
    }

    func beginWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        try base.beginWriteBack(file, range)
    }

    func finishWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        try base.finishWriteBack(file, range)
    }

    func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        try base.synchronizeFileSystem(of: file)
    }

    func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor {
        try base.open(path, options, permissions: permissions)
    }

    func close(_ file: FileDescriptor) { base.close(file) }

    func read(
        _ file: FileDescriptor,
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(UVError) -> Int { try base.read(file, into: &span, at: offset) }

    func write(
        _ file: FileDescriptor,
        _ bytes: Span<UInt8>,
        at offset: UInt64
    ) throws(UVError) { try base.write(file, bytes, at: offset) }

    func synchronize(_ file: FileDescriptor) throws(UVError) { try base.synchronize(file) }

    func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError) {
        try base.truncate(file, to: sizeBytes)
    }

    func lock(_ file: FileDescriptor) throws(UVError) { try base.lock(file) }

    func status(of path: String) throws(UVError) -> FileStatus { try base.status(of: path) }

    func status(of file: FileDescriptor) throws(UVError) -> FileStatus {
        try base.status(of: file)
    }

    func link(_ existing: String, to new: String) throws(UVError) {
        try base.link(existing, to: new)
    }

    func rename(_ old: String, to new: String) throws(UVError) {
        try base.rename(old, to: new)
    }

    func makeDirectory(_ path: String, permissions: UInt32) throws(UVError) {
        try base.makeDirectory(path, permissions: permissions)
    }

    func removeDirectory(_ path: String) throws(UVError) { try base.removeDirectory(path) }

    func list(_ path: String) throws(UVError) -> [String] { try base.list(path) }
}
