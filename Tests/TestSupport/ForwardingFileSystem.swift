package import UV

/// A file system that passes on to another whatever it does not do itself.
///
/// For tests that change a few operations: they conform to this, give `base`, and write those few.
package protocol ForwardingFileSystem: FileSystem {
    /// What the rest is passed on to.
    var base: any FileSystem { get }
}

extension ForwardingFileSystem {
    package func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor {
        try base.open(path, options, permissions: permissions)
    }

    package func close(_ file: FileDescriptor) { base.close(file) }

    package func read(
        _ file: FileDescriptor,
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(UVError) -> Int {
        try base.read(file, into: &span, at: offset)
    }

    package func write(
        _ file: FileDescriptor,
        _ bytes: Span<UInt8>,
        at offset: UInt64
    ) throws(UVError) {
        try base.write(file, bytes, at: offset)
    }

    package func synchronize(_ file: FileDescriptor) throws(UVError) {
        try base.synchronize(file)
    }

    package func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        try base.synchronizeData(file)
    }

    package func beginWriteBack(
        _ file: FileDescriptor,
        _ range: Range<UInt64>
    ) throws(UVError) {
        try base.beginWriteBack(file, range)
    }

    package func finishWriteBack(
        _ file: FileDescriptor,
        _ range: Range<UInt64>
    ) throws(UVError) {
        try base.finishWriteBack(file, range)
    }

    package func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        try base.synchronizeFileSystem(of: file)
    }

    package func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError) {
        try base.truncate(file, to: sizeBytes)
    }

    package func lock(_ file: FileDescriptor) throws(UVError) { try base.lock(file) }

    package func status(of path: String) throws(UVError) -> FileStatus {
        try base.status(of: path)
    }

    package func status(of file: FileDescriptor) throws(UVError) -> FileStatus {
        try base.status(of: file)
    }

    package func link(_ existing: String, to new: String) throws(UVError) {
        try base.link(existing, to: new)
    }

    package func rename(_ old: String, to new: String) throws(UVError) {
        try base.rename(old, to: new)
    }

    package func remove(_ path: String) throws(UVError) { try base.remove(path) }

    package func makeDirectory(_ path: String, permissions: UInt32) throws(UVError) {
        try base.makeDirectory(path, permissions: permissions)
    }

    package func removeDirectory(_ path: String) throws(UVError) {
        try base.removeDirectory(path)
    }

    package func list(_ path: String) throws(UVError) -> [String] { try base.list(path) }
}
