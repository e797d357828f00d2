internal import Bytes
internal import Catalog
internal import HTTP1
internal import ImageFormat
internal import UV

/// Reads from a stored file what the catalog knows of it.
struct StoredImageFile: ImageSource {
    private let file: FileDescriptor
    private let fileSystem: any FileSystem
    let availableBytes: UInt64
    let isComplete = true

    /// Looks at a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - id: its digest, already checked.
    ///   - fileSystem: where it is.
    /// - Returns: the catalog's record of it, or why there is none.
    static func read(
        _ path: String,
        _ id: BlobID,
        on fileSystem: any FileSystem
    ) -> Result<ImageRecord, ServerError> {
        do {
            let file = try fileSystem.open(path, [.read, .noFollow], permissions: 0)
            defer { fileSystem.close(file) }
            let status = try fileSystem.status(of: file)
            var source = StoredImageFile(
                file: file,
                fileSystem: fileSystem,
                availableBytes: status.sizeBytes
            )
            let description = try ImageInspector.inspect(&source)
            return .success(
                ImageRecord(
                    id: id,
                    sizeBytes: status.sizeBytes,
                    kind: description.kind,
                    width: description.width,
                    height: description.height,
                    camera: description.camera?.name,
                    firstUpload: firstUpload(status.modifiedSeconds)
                )
            )
        } catch let error as ImageFormatError {
            // Without a reason the file is not at fault: the disk did not give its bytes this time.
            let code: ServerError.Code = error.reason == nil ? .system : .damaged
            return .failure(ServerError(code, error.reason ?? "\(error)"))
        } catch {
            return .failure(ServerError(.system, "\(error)"))
        }
    }

    /// A file's time, as far as a date can show it: whoever sets the clock of a disk to the year
    /// 20000 gets the latest date there is.
    private static func firstUpload(_ seconds: Int64) -> Int64 {
        min(max(seconds, 0), HTTPDate.representableSeconds.upperBound)
    }

    func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        do throws(UVError) {
            var span = bytes.mutableSpan
            let filled = try fileSystem.read(file, into: &span, at: offset)
            bytes.removeLast(count - filled)
        } catch {
            throw .sourceFailed("\(error)")
        }
        return bytes
    }
}
