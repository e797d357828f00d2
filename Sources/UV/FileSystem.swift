/// Every file operation of the stores, so narrow that a test can fail or stop each of them.
///
/// All of them block; they are called on worker threads, never on a loop. Paths are made by us,
/// never by a client. Each operation's own rules are those of the POSIX function it is named after.
package protocol FileSystem: Sendable {
    /// Opens a file or directory; descriptors are closed on `exec`.
    func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor

    /// Closes a descriptor.
    ///
    /// An error of `close` is of no use: what matters was flushed before.
    func close(_ file: FileDescriptor)

    /// Reads until the span is full or the file ends; gives the number of bytes read.
    func read(
        _ file: FileDescriptor,
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(UVError) -> Int

    /// Writes all the bytes, or fails.
    func write(_ file: FileDescriptor, _ bytes: Span<UInt8>, at offset: UInt64) throws(UVError)

    /// Makes a file's data and metadata, or a directory's entries, durable (`fsync`).
    func synchronize(_ file: FileDescriptor) throws(UVError)

    /// Makes a file's data durable, and of its metadata what is needed to read it (`fdatasync`).
    func synchronizeData(_ file: FileDescriptor) throws(UVError)

    /// Starts writing a range of a file to the disk, and does not wait for it
    /// (`sync_file_range`).
    ///
    /// Makes nothing durable. It lets the disk begin early and work on many files at once.
    /// `notSupported` where that cannot be asked for.
    func beginWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError)

    /// Writes what is left of a range of a file, and waits until the disk has taken all of it.
    ///
    /// Makes nothing durable: the disk may have it in its cache, and the file its size and blocks
    /// in memory. But an error of writing back is reported here, as by `synchronizeData`, and once.
    /// `notSupported` where nothing was waited for.
    func finishWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError)

    /// Makes all that was written to the file's file system durable, data and names (`syncfs`);
    /// `notSupported` where that cannot be relied upon.
    func synchronizeFileSystem(of file: FileDescriptor) throws(UVError)

    /// Cuts or extends a file.
    func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError)

    /// Takes an exclusive lock that goes with the descriptor; `EAGAIN` when another holds it.
    func lock(_ file: FileDescriptor) throws(UVError)

    /// Tells what stands at a path, without following a symbolic link (`lstat`).
    func status(of path: String) throws(UVError) -> FileStatus

    /// Tells about an open file.
    func status(of file: FileDescriptor) throws(UVError) -> FileStatus

    /// Gives a file another name; `EEXIST` when that name is taken.
    func link(_ existing: String, to new: String) throws(UVError)

    /// Renames a file, replacing what stands at the new name.
    func rename(_ old: String, to new: String) throws(UVError)

    /// Removes a file's name (`unlink`).
    func remove(_ path: String) throws(UVError)

    /// Makes a directory.
    func makeDirectory(_ path: String, permissions: UInt32) throws(UVError)

    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(UVError)

    /// Lists the names in a directory, in no order, without `.` and `..`.
    func list(_ path: String) throws(UVError) -> [String]
}

/// How a file is opened.
package struct OpenOptions: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// For reading.
    package static let read = OpenOptions(rawValue: 1 << 0)
    /// For writing.
    package static let write = OpenOptions(rawValue: 1 << 1)
    /// Made when it does not exist.
    package static let create = OpenOptions(rawValue: 1 << 2)
    /// Refused when it exists.
    package static let exclusive = OpenOptions(rawValue: 1 << 3)
    /// Emptied.
    package static let truncate = OpenOptions(rawValue: 1 << 4)
    /// Refused when it is no directory.
    package static let directory = OpenOptions(rawValue: 1 << 5)
    /// Refused when it is a symbolic link.
    package static let noFollow = OpenOptions(rawValue: 1 << 6)
}

/// An open file of a `FileSystem`.
///
/// Whoever opened it closes it, once.
package struct FileDescriptor: Hashable, Sendable {
    /// The number of the descriptor.
    package let raw: CInt

    /// Names a descriptor.
    ///
    /// - Parameter raw: its number.
    package init(raw: CInt) { self.raw = raw }
}

/// What a file system tells about a file.
package struct FileStatus: Hashable, Sendable {
    /// What kind of thing it is.
    package enum Kind: Sendable { case file, directory, symbolicLink, other }

    /// What kind of thing it is.
    package var kind: Kind
    /// Size in bytes.
    package var sizeBytes: UInt64
    /// How many names it has.
    package var linkCount: UInt64
    /// Its number within the file system.
    package var inode: UInt64
    /// The permission bits.
    package var permissions: UInt32
    /// Time of the last change of its content, in seconds since 1970.
    package var modifiedSeconds: Int64

    /// Describes a file.
    ///
    /// - Parameters:
    ///   - kind: what kind of thing it is.
    ///   - sizeBytes: size in bytes.
    ///   - linkCount: how many names it has.
    ///   - inode: its number within the file system.
    ///   - permissions: the permission bits.
    ///   - modifiedSeconds: time of the last change of its content, in seconds since 1970.
    package init(
        kind: Kind,
        sizeBytes: UInt64,
        linkCount: UInt64,
        inode: UInt64,
        permissions: UInt32,
        modifiedSeconds: Int64
    ) {
        self.kind = kind
        self.sizeBytes = sizeBytes
        self.linkCount = linkCount
        self.inode = inode
        self.permissions = permissions
        self.modifiedSeconds = modifiedSeconds
    }
}
