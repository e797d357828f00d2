internal import Bytes

/// One change of the catalog, as one request makes it.
///
/// `images = [kind: u8 = 1][count: u32] image × count`
/// `image  = [digest: 32][size: u64][time: i64][width: u32][height: u32]`
/// `         [format: u8][length: u16][camera: length]`
/// `link   = [kind: u8 = 2][id: 16][time: i64]`
enum JournalEntry: Hashable, Sendable {
    /// The new images of one request.
    case images([ImageRecord])
    /// A new link.
    case link(UploadLink)

    private static let imagesKind: UInt8 = 1
    private static let linkKind: UInt8 = 2
    /// Bytes of an image without its camera's name.
    static let imageByteCount = 59
    static let linkByteCount = 25

    /// Appends the entry to the entries of a record.
    ///
    /// - Parameter out: the entries before it.
    func encode(into out: inout [UInt8]) {
        switch self {
        case .images(let images):
            precondition((1...JournalFormat.imageCountLimit).contains(images.count))
            out.append(Self.imagesKind)
            out.appendLittleEndian(UInt32(images.count))
            for image in images { Self.encode(image, into: &out) }
        case .link(let link):
            out.append(Self.linkKind)
            out.appendBigEndian(link.id.high)
            out.appendBigEndian(link.id.low)
            out.appendLittleEndian(link.expiresAt)
        }
    }

    private static func encode(_ image: ImageRecord, into out: inout [UInt8]) {
        out.append(contentsOf: image.id.bytes)
        out.appendLittleEndian(image.sizeBytes)
        out.appendLittleEndian(image.firstUpload)
        out.appendLittleEndian(image.width)
        out.appendLittleEndian(image.height)
        out.append(image.kind.rawValue)
        let camera = (image.camera ?? "").utf8
        out.appendLittleEndian(UInt16(camera.count))
        out.append(contentsOf: camera)
    }

    /// Decodes an entry of a record whose checksum was right.
    ///
    /// - Parameters:
    ///   - bytes: the record's entries.
    ///   - offset: where the entry begins; set to where the next one does.
    /// - Returns: the entry, or `nil` for what no writer of this version writes.
    static func decode(_ bytes: Span<UInt8>, at offset: inout Int) -> JournalEntry? {
        guard offset < bytes.count else { return nil }
        switch bytes[offset] {
        case imagesKind:
            guard bytes.count - offset >= 5 else { return nil }
            let count = Int(bytes.littleEndianUInt32(at: offset + 1))
            guard (1...JournalFormat.imageCountLimit).contains(count) else { return nil }
            offset += 5
            var images: [ImageRecord] = []
            images.reserveCapacity(count)
            for _ in 0..<count {
                guard let image = decodeImage(bytes, at: &offset) else { return nil }
                images.append(image)
            }
            return .images(images)
        case linkKind:
            guard bytes.count - offset >= linkByteCount else { return nil }
            defer { offset += linkByteCount }
            return .link(
                UploadLink(
                    id: LinkID(bytes, at: offset + 1),
                    expiresAt: Int64(bitPattern: bytes.littleEndianUInt64(at: offset + 17))
                )
            )
        default:
            return nil
        }
    }

    private static func decodeImage(_ bytes: Span<UInt8>, at offset: inout Int) -> ImageRecord? {
        guard bytes.count - offset >= imageByteCount else { return nil }
        let start = offset
        let cameraByteCount = Int(bytes.littleEndianUInt16(at: start + 57))
        guard cameraByteCount <= ImageRecord.cameraByteLimit,
            bytes.count - start - imageByteCount >= cameraByteCount,
            let kind = ImageKind(rawValue: bytes[start + 56])
        else { return nil }
        offset = start + imageByteCount + cameraByteCount
        let name = bytes.copy(start + imageByteCount..<offset)
        guard let camera = String(validating: name, as: UTF8.self) else { return nil }
        return ImageRecord(
            id: BlobID(digest: bytes.extracting(start..<start + BlobID.byteCount)),
            sizeBytes: bytes.littleEndianUInt64(at: start + 32),
            kind: kind,
            width: bytes.littleEndianUInt32(at: start + 48),
            height: bytes.littleEndianUInt32(at: start + 52),
            camera: camera,
            firstUpload: Int64(bitPattern: bytes.littleEndianUInt64(at: start + 40))
        )
    }
}
