internal import Synchronization
internal import TestSupport
internal import UV

/// The system's files, with flushes that can be left out.
///
/// What a flush costs is the disk's business and the same at any number of images; leaving it out
/// shows what the catalog's own work costs.
final class UnflushedFileSystem: ForwardingFileSystem {
    let base: any FileSystem = SystemFileSystem()
    private let isFlushing = Atomic(true)

    /// Whether flushes are passed on.
    var flushes: Bool {
        get { isFlushing.load(ordering: .relaxed) }
        set { isFlushing.store(newValue, ordering: .relaxed) }
    }

    func synchronize(_ file: FileDescriptor) throws(UVError) {
        if flushes { try base.synchronize(file) }
    }

    func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        if flushes { try base.synchronizeData(file) }
    }

    func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        if flushes { try base.synchronizeFileSystem(of: file) }
    }

    func beginWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        if flushes { try base.beginWriteBack(file, range) }
    }

    func finishWriteBack(_ file: FileDescriptor, _ range: Range<UInt64>) throws(UVError) {
        if flushes { try base.finishWriteBack(file, range) }
    }
}
