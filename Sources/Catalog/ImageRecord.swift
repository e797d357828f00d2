package import Bytes

/// What the catalog knows of one image.
package struct ImageRecord: Hashable, Sendable {
    /// The longest camera name that is kept, in bytes of UTF-8.
    ///
    /// EXIF sets no limit short of 64 KiB; real makes and models stay under 80 bytes together. The
    /// limit keeps a hostile client from filling memory with one name.
    package static let cameraByteLimit = 1024

    /// The image's name.
    package let id: BlobID
    /// The file's size in bytes.
    package let sizeBytes: UInt64
    /// The format that its bytes show.
    package let kind: ImageKind
    /// Pixels across.
    package let width: UInt32
    /// Pixels down.
    package let height: UInt32
    /// Make and model as the statistics name them; `nil` when there is none, never empty.
    package let camera: String?
    /// When it was uploaded first, in seconds since 1970.
    package let firstUpload: Int64

    /// Makes a record.
    ///
    /// - Parameters:
    ///   - id: the image's name.
    ///   - sizeBytes: the file's size in bytes.
    ///   - kind: its format.
    ///   - width: pixels across.
    ///   - height: pixels down.
    ///   - camera: make and model; an empty one is none, and one longer than `cameraByteLimit` is
    ///     cut there, at the start of a Unicode scalar.
    ///   - firstUpload: seconds since 1970.
    package init(
        id: BlobID,
        sizeBytes: UInt64,
        kind: ImageKind,
        width: UInt32,
        height: UInt32,
        camera: String?,
        firstUpload: Int64
    ) {
        self.id = id
        self.sizeBytes = sizeBytes
        self.kind = kind
        self.width = width
        self.height = height
        self.camera = camera.flatMap(Self.limited)
        self.firstUpload = firstUpload
    }

    /// The UTC day of the first upload, in days since 1970.
    package var day: Int64 { Self.day(of: firstUpload) }

    /// Finds the UTC day of a time.
    ///
    /// - Parameter seconds: seconds since 1970; negative ones are before it.
    /// - Returns: whole days since 1970, rounded down.
    package static func day(of seconds: Int64) -> Int64 {
        let (quotient, remainder) = seconds.quotientAndRemainder(dividingBy: 86_400)
        return remainder < 0 ? quotient - 1 : quotient
    }

    private static func limited(_ camera: String) -> String? {
        guard !camera.isEmpty else { return nil }
        guard camera.utf8.count > cameraByteLimit else { return camera }
        var end = camera.utf8.index(camera.utf8.startIndex, offsetBy: cameraByteLimit)
        // A byte of the form 10xxxxxx continues a scalar (RFC 3629 §3): the cut goes before it.
        while camera.utf8[end] & 0b1100_0000 == 0b1000_0000 {
            end = camera.utf8.index(before: end)
        }
        return String(camera[..<end])
    }
}
