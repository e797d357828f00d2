internal import Bytes
internal import UV

/// A finished file that is open for reading, and closed by the janitor after its last use.
///
/// Whoever reads holds a reference, so the descriptor cannot be closed, and its number given to
/// another file, under a read that is under way.
final class BlobFile: Sendable {
    /// Size in bytes, when it was opened.
    let sizeBytes: UInt64
    private let path: String
    private let descriptor: FileDescriptor
    private let fileSystem: any FileSystem
    private let janitor: Janitor

    /// Opens a file; blocks.
    ///
    /// - Parameters:
    ///   - path: the file. A symbolic link is not followed.
    ///   - fileSystem: what it is on.
    ///   - janitor: closes it.
    /// - Throws: `notFound`; `corrupted` when it is no regular file; `tooManyOpenFiles`, `io`.
    init(
        path: String,
        fileSystem: any FileSystem,
        janitor: Janitor
    ) throws(BlobStoreError) {
        let (file, status) = try Self.open(path, on: fileSystem)
        descriptor = file
        sizeBytes = status.sizeBytes
        self.path = path
        self.fileSystem = fileSystem
        self.janitor = janitor
    }

    /// Reads bytes; blocks.
    ///
    /// - Parameters:
    ///   - range: within `0..<sizeBytes`, no longer than the buffer.
    ///   - buffer: filled from index 0 on.
    /// - Returns: the length of the range.
    /// - Throws: `corrupted` when the file has become shorter; `io`.
    func read(_ range: Range<UInt64>, into buffer: Buffer) throws(BlobStoreError) -> Int {
        let count = range.count
        guard count > 0 else { return 0 }
        let readCount: Int
        do throws(UVError) {
            var whole = buffer.mutableSpan
            var part = whole._mutatingExtracting(0..<count)
            readCount = try fileSystem.read(descriptor, into: &part, at: range.lowerBound)
        } catch {
            throw BlobStoreError("reading \(path)", error)
        }
        guard readCount == count else {
            throw BlobStoreError(.corrupted, "\(path) ends before byte \(range.upperBound)")
        }
        return count
    }

    deinit { janitor.submit(.close(descriptor)) }
}

extension LargeMemory {
    /// Allocates what a file is hashed with, piece by piece.
    ///
    /// - Returns: `BlobStoreLimits.hashPieceBytes`.
    /// - Throws: `outOfMemory`.
    func hashPiece() throws(BlobStoreError) -> Buffer {
        let bytes = BlobStoreLimits.hashPieceBytes
        guard let piece = buffer(capacity: bytes) else {
            throw BlobStoreError("allocating \(bytes) bytes to read into", .outOfMemory)
        }
        return piece
    }
}

extension BlobFile {
    /// Opens a regular file; blocks.
    ///
    /// The caller closes it.
    ///
    /// - Parameters:
    ///   - path: the file. A symbolic link is not followed.
    ///   - fileSystem: what it is on.
    /// - Returns: the open file and what the system tells about it.
    /// - Throws: `notFound`; `corrupted` when it is no regular file; `tooManyOpenFiles`, `io`.
    static func open(
        _ path: String,
        on fileSystem: any FileSystem
    ) throws(BlobStoreError) -> (FileDescriptor, FileStatus) {
        let file: FileDescriptor
        do throws(UVError) {
            file = try fileSystem.open(path, [.read, .noFollow], permissions: 0)
        } catch {
            throw BlobStoreError("opening \(path)", error)
        }
        let status: FileStatus
        do throws(UVError) {
            status = try fileSystem.status(of: file)
        } catch {
            fileSystem.close(file)
            throw BlobStoreError("looking at \(path)", error)
        }
        guard status.kind == .file else {
            fileSystem.close(file)
            throw BlobStoreError(.corrupted, "\(path) is not a regular file")
        }
        return (file, status)
    }

    /// Hashes a whole file with bounded memory; blocks.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - fileSystem: what it is on.
    ///   - piece: memory to read into.
    /// - Returns: what its name should be, and its size in bytes.
    /// - Throws: as `open`; `io`.
    static func hash(
        _ path: String,
        on fileSystem: any FileSystem,
        piece: Buffer
    ) throws(BlobStoreError) -> (id: BlobID, sizeBytes: UInt64) {
        let (file, _) = try open(path, on: fileSystem)
        defer { fileSystem.close(file) }
        var hash = ContentHash()
        var offset: UInt64 = 0
        while true {
            let count: Int
            do throws(UVError) {
                var span = piece.mutableSpan
                count = try fileSystem.read(file, into: &span, at: offset)
            } catch {
                throw BlobStoreError("reading \(path)", error)
            }
            hash.update(piece.span.extracting(0..<count))
            offset += UInt64(count)
            if count < piece.capacity { return (hash.finish(), offset) }
        }
    }
}
