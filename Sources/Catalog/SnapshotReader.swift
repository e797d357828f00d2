internal import Bytes
internal import UV

/// Reads a snapshot into an index, and believes nothing that its checksums do not confirm.
struct SnapshotReader {
    /// What a snapshot's blocks hold, in turn.
    private struct Progress {
        var links: UInt64 = 0
        var cameras: UInt64 = 0
        var images: UInt64 = 0
    }

    private var window: FileWindow
    private var progress = Progress()
    /// The numbers that the index gave to the file's cameras.
    private var cameraNumbers: [UInt32] = []
    private var builder = ShardedIndex.Builder(expectedCount: 0)

    /// Prepares to read a snapshot.
    ///
    /// - Parameter window: the file.
    init(_ window: FileWindow) { self.window = window }

    /// Reads the header.
    ///
    /// - Returns: the header.
    /// - Throws: `CatalogError` `.damaged`, or `.io` when the file cannot be read.
    mutating func readHeader() throws(CatalogError) -> SnapshotFormat.Header {
        let byteCount = SnapshotFormat.headerByteCount
        guard window.sizeBytes >= UInt64(byteCount) else {
            throw .damaged("the header is cut off", in: window.path, at: 0)
        }
        let index = try window.index(of: 0, count: byteCount)
        let bytes = window.bytes.span.copy(index..<index + byteCount)
        guard bytes.span.starts(with: SnapshotFormat.magic) else {
            throw .damaged("no snapshot's header", in: window.path, at: 0)
        }
        let version = bytes.span.littleEndianUInt32(at: 8)
        guard version == SnapshotFormat.version else {
            throw .unknownVersion(version, in: window.path)
        }
        guard let header = SnapshotFormat.Header.decode(bytes.span) else {
            throw .damaged("a header with a wrong checksum", in: window.path, at: 0)
        }
        return header
    }

    /// Reads all blocks.
    ///
    /// - Parameters:
    ///   - header: the snapshot's header.
    ///   - index: where everything is added; on an error it holds what came before.
    /// - Throws: `CatalogError` `.damaged`, or `.io` when the file cannot be read.
    mutating func readBlocks(
        _ header: SnapshotFormat.Header,
        into index: inout CatalogIndex
    ) throws(CatalogError) {
        // No more room than the file can fill, whatever its header says.
        let most = window.sizeBytes / UInt64(SnapshotFormat.imageByteCount)
        builder = ShardedIndex.Builder(expectedCount: Int(min(header.imageCount, most)))
        var offset = UInt64(SnapshotFormat.headerByteCount)
        var number: UInt32 = 0
        while let kind = nextKind(header) {
            let block = try readBlock(at: offset)
            guard block.header.number == number, block.header.kind == kind else {
                throw .damaged("a block out of its place", in: window.path, at: offset)
            }
            let first = block.index + SnapshotFormat.blockHeaderByteCount
            let bytes = window.bytes
            let items = bytes.span.extracting(first..<first + block.header.length)
            guard read(items, count: block.header.count, kind: kind, into: &index) else {
                throw .damaged("a block with impossible content", in: window.path, at: offset)
            }
            offset += UInt64(block.byteCount)
            number += 1
        }
        guard offset == window.sizeBytes,
            progress.links == header.linkCount,
            progress.cameras == header.cameraCount,
            progress.images == header.imageCount
        else {
            throw .damaged("another length than the header tells", in: window.path, at: offset)
        }
        guard index.finishLoading(builder) else {
            throw .damaged("an image that comes twice", in: window.path, at: 0)
        }
    }

    /// What the next block has to hold; `nil` when there is to be none.
    private func nextKind(_ header: SnapshotFormat.Header) -> SnapshotFormat.BlockKind? {
        if progress.links < header.linkCount { return .links }
        if progress.cameras < header.cameraCount { return .cameras }
        if progress.images < header.imageCount { return .images }
        return nil
    }

    private struct Block {
        let header: SnapshotFormat.BlockHeader
        /// Where it begins in the window.
        let index: Int
        let byteCount: Int
    }

    private mutating func readBlock(at offset: UInt64) throws(CatalogError) -> Block {
        let frame = SnapshotFormat.blockHeaderByteCount + SnapshotFormat.blockTrailerByteCount
        let rest = window.sizeBytes - offset
        guard rest >= UInt64(frame) else {
            throw .damaged("a block is cut off", in: window.path, at: offset)
        }
        let headerIndex = try window.index(of: offset, count: SnapshotFormat.blockHeaderByteCount)
        let decoded = SnapshotFormat.BlockHeader.decode(window.bytes.span, at: headerIndex)
        guard let header = decoded, rest >= UInt64(frame + header.length) else {
            throw .damaged("no valid block", in: window.path, at: offset)
        }
        let byteCount = frame + header.length
        let index = try window.index(of: offset, count: byteCount)
        let end = index + byteCount - SnapshotFormat.blockTrailerByteCount
        let bytes = window.bytes.span
        let checksum = CRC32C.checksum(bytes.extracting(index..<end))
        guard checksum == bytes.littleEndianUInt32(at: end) else {
            throw .damaged("a block with a wrong checksum", in: window.path, at: offset)
        }
        return Block(header: header, index: index, byteCount: byteCount)
    }

    // MARK: Items

    /// Adds the items of a block to the index.
    ///
    /// - Returns: false when they are not what a writer writes.
    private mutating func read(
        _ items: Span<UInt8>,
        count: Int,
        kind: SnapshotFormat.BlockKind,
        into index: inout CatalogIndex
    ) -> Bool {
        switch kind {
        case .links:
            progress.links += UInt64(count)
            return Self.readLinks(items, count: count, into: &index)
        case .cameras:
            progress.cameras += UInt64(count)
            return readCameras(items, count: count, into: &index)
        case .images:
            progress.images += UInt64(count)
            return readImages(items, count: count, into: &index)
        }
    }

    private static func readLinks(
        _ items: Span<UInt8>,
        count: Int,
        into index: inout CatalogIndex
    ) -> Bool {
        guard items.count == count * SnapshotFormat.linkByteCount else { return false }
        for offset in stride(from: 0, to: items.count, by: SnapshotFormat.linkByteCount) {
            let expiresAt = Int64(bitPattern: items.littleEndianUInt64(at: offset + 16))
            index.add(UploadLink(id: LinkID(items, at: offset), expiresAt: expiresAt))
        }
        return true
    }

    private mutating func readCameras(
        _ items: Span<UInt8>,
        count: Int,
        into index: inout CatalogIndex
    ) -> Bool {
        var offset = 0
        for _ in 0..<count {
            guard items.count - offset >= 2 else { return false }
            let length = Int(items.littleEndianUInt16(at: offset))
            guard (1...ImageRecord.cameraByteLimit).contains(length),
                items.count - offset - 2 >= length
            else { return false }
            let name = items.copy(offset + 2..<offset + 2 + length)
            guard String(validating: name, as: UTF8.self) != nil else { return false }
            cameraNumbers.append(index.addCamera(name))
            offset += 2 + length
        }
        return offset == items.count
    }

    private mutating func readImages(
        _ items: Span<UInt8>,
        count: Int,
        into index: inout CatalogIndex
    ) -> Bool {
        guard items.count == count * SnapshotFormat.imageByteCount else { return false }
        for offset in stride(from: 0, to: items.count, by: SnapshotFormat.imageByteCount) {
            guard let image = SnapshotFormat.decodeImage(items, at: offset),
                let camera = number(ofFileCamera: image.camera)
            else { return false }
            index.load(image.with(camera: camera), into: &builder)
        }
        return true
    }

    /// Finds the index's number for a camera of the file, which may differ when limits changed.
    private func number(ofFileCamera camera: UInt32) -> UInt32? {
        if camera == CameraTable.none { return CameraTable.none }
        guard camera <= cameraNumbers.count else { return nil }
        return cameraNumbers[Int(camera) - 1]
    }
}
