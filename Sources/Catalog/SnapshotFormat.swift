internal import Bytes

/// The layout of a snapshot, as `DiskFormat.md` specifies it.
///
/// `header = [magic: 8][version: u32][sequence: u64][links: u64][cameras: u64][images: u64]`
/// `         [crc32c: u32]`
/// `block  = [number: u32][kind: u8][zero: 3][count: u32][length: u32][items: length][crc32c: u32]`
enum SnapshotFormat {
    /// What a snapshot begins with.
    static let magic: [UInt8] = Array("ISsnap\r\n".utf8)
    /// The version that is written, and the only one there has been.
    static let version: UInt32 = 1
    /// Bytes of the header.
    static let headerByteCount = 48
    /// Bytes of a block before its items.
    static let blockHeaderByteCount = 16
    /// Bytes of a block after its items.
    static let blockTrailerByteCount = 4
    /// Bytes of the items in a block: what damage is narrowed down to, and what a reader holds at
    /// once.
    static let itemsByteLimit = 256 << 10
    /// Bytes of a link.
    static let linkByteCount = 24
    /// Bytes of an image.
    static let imageByteCount = 64

    /// What a block holds; all blocks of one kind come before those of the next.
    enum BlockKind: UInt8 {
        case links = 1
        case cameras = 2
        case images = 3
    }

    /// What the first bytes of a snapshot say.
    struct Header: Hashable {
        /// The number of the last record that is included.
        var sequenceNumber: UInt64
        /// Links in the file.
        var linkCount: UInt64
        /// Camera names in the file.
        var cameraCount: UInt64
        /// Images in the file.
        var imageCount: UInt64

        /// Encodes the header.
        ///
        /// - Returns: `headerByteCount` bytes.
        func encode() -> [UInt8] {
            var out = magic
            out.appendLittleEndian(version)
            for value in [sequenceNumber, linkCount, cameraCount, imageCount] {
                out.appendLittleEndian(value)
            }
            out.appendLittleEndian(CRC32C.checksum(out.span))
            assert(out.count == headerByteCount)
            return out
        }

        /// Decodes a header whose magic number and version are right.
        ///
        /// - Parameter bytes: `headerByteCount` bytes.
        /// - Returns: the header, or `nil` when its checksum is wrong.
        static func decode(_ bytes: Span<UInt8>) -> Header? {
            let checksum = CRC32C.checksum(bytes.extracting(0..<44))
            guard checksum == bytes.littleEndianUInt32(at: 44) else { return nil }
            return Header(
                sequenceNumber: bytes.littleEndianUInt64(at: 12),
                linkCount: bytes.littleEndianUInt64(at: 20),
                cameraCount: bytes.littleEndianUInt64(at: 28),
                imageCount: bytes.littleEndianUInt64(at: 36)
            )
        }
    }

    /// What stands before the items of a block.
    struct BlockHeader: Hashable {
        /// Its place among the blocks.
        var number: UInt32
        /// What it holds.
        var kind: BlockKind
        /// Items, at least one.
        var count: Int
        /// Bytes of the items.
        var length: Int

        /// Appends the header to a block's bytes.
        ///
        /// - Parameter out: where to.
        func encode(into out: inout [UInt8]) {
            out.appendLittleEndian(number)
            out.append(kind.rawValue)
            out.append(contentsOf: [0, 0, 0])
            out.appendLittleEndian(UInt32(count))
            out.appendLittleEndian(UInt32(length))
        }

        /// Decodes the header of a block; only its checksum, after the items, says whether it is
        /// right.
        ///
        /// - Parameters:
        ///   - bytes: what contains it.
        ///   - offset: where it begins; all its bytes lie within the span.
        /// - Returns: the header, or `nil` for what no writer of this version writes.
        static func decode(_ bytes: Span<UInt8>, at offset: Int) -> BlockHeader? {
            guard let kind = BlockKind(rawValue: bytes[offset + 4]) else { return nil }
            let header = BlockHeader(
                number: bytes.littleEndianUInt32(at: offset),
                kind: kind,
                count: Int(bytes.littleEndianUInt32(at: offset + 8)),
                length: Int(bytes.littleEndianUInt32(at: offset + 12))
            )
            guard header.count > 0, (1...itemsByteLimit).contains(header.length) else { return nil }
            return header
        }
    }

    // MARK: Items

    /// Writes a link among the items of a block.
    ///
    /// - Parameters:
    ///   - id: the link's name.
    ///   - expiresAt: seconds since 1970.
    ///   - out: the block.
    ///   - offset: where it begins; all its bytes lie within the span.
    static func encode(
        _ id: LinkID,
        expiresAt: Int64,
        into out: inout MutableSpan<UInt8>,
        at offset: Int
    ) {
        store(id.high.byteSwapped, in: &out, at: offset)
        store(id.low.byteSwapped, in: &out, at: offset + 8)
        store(UInt64(bitPattern: expiresAt), in: &out, at: offset + 16)
    }

    /// Writes an image among the items of a block.
    ///
    /// - Parameters:
    ///   - image: the image.
    ///   - out: the block.
    ///   - offset: where it begins; all its bytes lie within the span.
    static func encode(_ image: StoredImage, into out: inout MutableSpan<UInt8>, at offset: Int) {
        let words = image.id.words
        // The digest's words are big-endian, all else is not.
        store(words.first.byteSwapped, in: &out, at: offset)
        store(words.second.byteSwapped, in: &out, at: offset + 8)
        store(words.third.byteSwapped, in: &out, at: offset + 16)
        store(words.fourth.byteSwapped, in: &out, at: offset + 24)
        store(image.sizeBytes, in: &out, at: offset + 32)
        store(UInt64(bitPattern: image.firstUpload), in: &out, at: offset + 40)
        store(UInt64(image.width) | UInt64(image.height) << 32, in: &out, at: offset + 48)
        // The format in the byte after the camera, three zero bytes above it.
        let kind = UInt64(image.kind.rawValue) << 32
        store(UInt64(image.camera) | kind, in: &out, at: offset + 56)
    }

    /// Writes eight bytes, the least significant first; one check for all of them.
    @inline(__always)
    private static func store(_ value: UInt64, in out: inout MutableSpan<UInt8>, at offset: Int) {
        precondition(offset >= 0 && offset <= out.count - 8)
        for byte in 0..<8 { out[offset + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8)) }
    }

    /// Decodes an image.
    ///
    /// - Parameters:
    ///   - bytes: what contains it.
    ///   - offset: where it begins; all its bytes lie within the span.
    /// - Returns: the image, or `nil` when its format is unknown.
    static func decodeImage(_ bytes: Span<UInt8>, at offset: Int) -> StoredImage? {
        guard let kind = ImageKind(rawValue: bytes[offset + 60]) else { return nil }
        return StoredImage(
            id: BlobID(digest: bytes.extracting(offset..<offset + BlobID.byteCount)),
            sizeBytes: bytes.littleEndianUInt64(at: offset + 32),
            firstUpload: Int64(bitPattern: bytes.littleEndianUInt64(at: offset + 40)),
            width: bytes.littleEndianUInt32(at: offset + 48),
            height: bytes.littleEndianUInt32(at: offset + 52),
            camera: bytes.littleEndianUInt32(at: offset + 56),
            kind: kind
        )
    }
}
