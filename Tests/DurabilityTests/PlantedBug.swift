internal import TestSupport
internal import UV

/// A file system with a bug of the kind that the histories are to find: a flush that does not
/// happen, or that happens too late.
final class PlantedBug: ForwardingFileSystem {
    enum Kind: String, CaseIterable, Sendable {
        /// The names in directories are never made durable.
        case directoriesNotFlushed
        /// The bytes of images are never made durable.
        case imagesNotFlushed
        /// The journal's records are never made durable.
        case journalNotFlushed
        /// A snapshot gets its name before its bytes are durable.
        case snapshotNotFlushed
        /// A flush that failed is tried again, and the second answer believed: what was usual until
        /// 2018.
        case failedFlushRepeated
        /// A flush that failed is taken for one that succeeded.
        case failedFlushIgnored
        /// A write of which the disk took a part only is taken for done.
        case shortWriteIgnored

        /// The operations that have to fail for the bug to show; `nil` when none has to.
        var faults: Set<MemoryFileSystem.Operation.Kind>? {
            switch self {
            case .directoriesNotFlushed, .imagesNotFlushed, .journalNotFlushed,
                .snapshotNotFlushed:
                nil
            case .failedFlushRepeated, .failedFlushIgnored: [.synchronize, .synchronizeData]
            case .shortWriteIgnored: [.write]
            }
        }
    }

    let base: any FileSystem
    private let kind: Kind
    private let paths = Lock<[FileDescriptor: String]>([:])

    init(_ base: MemoryFileSystem, _ kind: Kind) {
        self.base = base
        self.kind = kind
    }

    // MARK: Where the bugs are

    func synchronize(_ file: FileDescriptor) throws(UVError) {
        try flush(file) { () throws(UVError) in try base.synchronize(file) }
    }

    func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        try flush(file) { () throws(UVError) in try base.synchronizeData(file) }
    }

    func finishWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        try flush(file) { () throws(UVError) in try base.finishWriteBack(file, range) }
    }

    func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        try flush(file) { () throws(UVError) in try base.synchronizeFileSystem(of: file) }
    }

    private func flush(
        _ file: FileDescriptor,
        _ body: () throws(UVError) -> Void
    ) throws(UVError) {
        guard !isForgotten(paths.withLock { $0[file] } ?? "") else { return }
        do throws(UVError) {
            try body()
        } catch {
            switch kind {
            case .failedFlushRepeated: try body()
            case .failedFlushIgnored: return
            default: throw error
            }
        }
    }

    private func isForgotten(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return switch kind {
        case .directoriesNotFlushed:
            name == "data" || name == "blobs" || name.utf8.count == 2
        case .imagesNotFlushed: path.contains("/incoming/") || name.utf8.count == 64
        case .journalNotFlushed: name.hasPrefix("journal-")
        case .snapshotNotFlushed: name.hasPrefix("snapshot")
        case .failedFlushRepeated, .failedFlushIgnored, .shortWriteIgnored: false
        }
    }

    func write(
        _ file: FileDescriptor,
        _ bytes: Span<UInt8>,
        at offset: UInt64
    ) throws(UVError) {
        do throws(UVError) {
            try base.write(file, bytes, at: offset)
        } catch {
            if kind != .shortWriteIgnored { throw error }
        }
    }

    // MARK: What is open

    func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor {
        let file = try base.open(path, options, permissions: permissions)
        paths.withLock { $0[file] = path }
        return file
    }
}
