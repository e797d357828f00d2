internal import Bytes
internal import UV

/// A moving view of a file that is read from front to back.
///
/// Reads a mebibyte at a time, so that small units cost no system call each, and any unit whole.
struct FileWindow {
    /// Bytes that are read at once, if no more are asked for.
    private static let readByteCount = 1 << 20

    /// The file's path, for messages.
    let path: String
    /// The file's size when it was opened.
    let sizeBytes: UInt64
    /// What was read last; `index(of:count:)` says where in it.
    private(set) var bytes: [UInt8] = []

    private let fileSystem: any FileSystem
    private let file: FileDescriptor
    private var start: UInt64 = 0

    /// Looks at an open file.
    ///
    /// - Parameters:
    ///   - file: open for reading; the caller closes it.
    ///   - path: its path, for messages.
    ///   - fileSystem: what it was opened with.
    /// - Throws: `CatalogError` `.io` when its size cannot be found out.
    init(
        _ file: FileDescriptor,
        path: String,
        fileSystem: any FileSystem
    ) throws(CatalogError) {
        self.file = file
        self.path = path
        self.fileSystem = fileSystem
        do throws(UVError) {
            sizeBytes = try fileSystem.status(of: file).sizeBytes
        } catch {
            throw .failed("finding out the size of \(path)", error)
        }
    }

    /// Reads a part of the file, unless it is there already.
    ///
    /// - Parameters:
    ///   - offset: where the part begins.
    ///   - count: how many bytes; the part lies within the file.
    /// - Returns: where in `bytes` it begins.
    /// - Throws: `CatalogError` `.io`.
    mutating func index(of offset: UInt64, count: Int) throws(CatalogError) -> Int {
        precondition(offset + UInt64(count) <= sizeBytes)
        if offset >= start, offset + UInt64(count) <= start + UInt64(bytes.count) {
            return Int(offset - start)
        }
        let wanted = min(UInt64(max(count, Self.readByteCount)), sizeBytes - offset)
        if bytes.count != Int(wanted) { bytes = [UInt8](repeating: 0, count: Int(wanted)) }
        start = offset
        let (fileSystem, file) = (fileSystem, file)
        do throws(UVError) {
            var span = bytes.mutableSpan
            let filled = try fileSystem.read(file, into: &span, at: offset)
            guard filled == Int(wanted) else { throw .io }
        } catch {
            // What was read in part is not to be taken for what was asked for.
            bytes = []
            throw .failed("reading \(path) at offset \(offset)", error)
        }
        return 0
    }
}
