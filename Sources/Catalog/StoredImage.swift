internal import Bytes

/// An image as it lies in memory: 64 bytes, and the camera by number.
struct StoredImage: Sendable {
    let id: BlobID
    let sizeBytes: UInt64
    let firstUpload: Int64
    let width: UInt32
    let height: UInt32
    private(set) var camera: UInt32
    let kind: ImageKind

    /// Takes over a record.
    ///
    /// - Parameters:
    ///   - record: the record.
    ///   - camera: the number of its camera.
    init(_ record: ImageRecord, camera: UInt32) {
        self.init(
            id: record.id,
            sizeBytes: record.sizeBytes,
            firstUpload: record.firstUpload,
            width: record.width,
            height: record.height,
            camera: camera,
            kind: record.kind
        )
    }

    /// Makes an image of its parts.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - sizeBytes: the file's size.
    ///   - firstUpload: seconds since 1970.
    ///   - width: pixels.
    ///   - height: pixels.
    ///   - camera: the number of its camera.
    ///   - kind: its format.
    init(
        id: BlobID,
        sizeBytes: UInt64,
        firstUpload: Int64,
        width: UInt32,
        height: UInt32,
        camera: UInt32,
        kind: ImageKind
    ) {
        self.id = id
        self.sizeBytes = sizeBytes
        self.firstUpload = firstUpload
        self.width = width
        self.height = height
        self.camera = camera
        self.kind = kind
    }

    /// Gives the image another number for its camera.
    ///
    /// - Parameter camera: the number.
    /// - Returns: the same image otherwise.
    func with(camera: UInt32) -> StoredImage {
        var copy = self
        copy.camera = camera
        return copy
    }

    /// Gives the record.
    ///
    /// - Parameter camera: the name of its camera.
    /// - Returns: the record.
    func record(camera: String?) -> ImageRecord {
        ImageRecord(
            id: id,
            sizeBytes: sizeBytes,
            kind: kind,
            width: width,
            height: height,
            camera: camera,
            firstUpload: firstUpload
        )
    }
}
