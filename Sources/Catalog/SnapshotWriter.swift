internal import Bytes
internal import UV

/// Everything that goes into a snapshot, as it was at one moment.
///
/// Shares its memory with the index it was taken from, so that taking it costs the same at any
/// size.
struct CatalogCapture: Sendable {
    /// The number of the last record that is included.
    let sequenceNumber: UInt64
    /// All images.
    let images: ChunkedArray<StoredImage>
    /// The names that the images' cameras are numbers of.
    let cameras: ChunkedArray<[UInt8]>
    /// All links that are remembered, in the shards of the link table.
    let links: [[LinkID: Int64]]
    /// Seconds since 1970: links that are not remembered by then are left out.
    let now: Int64

    /// Takes references to what an index knows.
    ///
    /// - Parameters:
    ///   - index: the index.
    ///   - sequenceNumber: the number of the last record in it.
    ///   - now: seconds since 1970.
    init(_ index: CatalogIndex, sequenceNumber: UInt64, now: Int64) {
        self.sequenceNumber = sequenceNumber
        self.now = now
        images = index.images
        cameras = index.cameras.names
        links = index.links.shards
    }
}

/// Writes a snapshot: aside, durable, renamed.
///
/// A crash after each step leaves what `DiskFormat.md` says under "A snapshot".
struct SnapshotWriter {
    private let directory: CatalogDirectory
    private let file: FileDescriptor
    private let pace: SnapshotPace
    private var offset: UInt64 = 0
    /// Up to here the disk was given what was written.
    private var begunOffset: UInt64 = 0
    /// Up to here it has taken it.
    private var finishedOffset: UInt64 = 0
    private var blockNumber: UInt32 = 0
    /// The block that is being filled, at its full size from the start: one buffer for all blocks.
    ///
    /// A new one for each would be mapped and unmapped each time, and every unmapping interrupts
    /// the other threads' processors, that is to say the requests.
    private var block = [UInt8](
        repeating: 0,
        count: SnapshotFormat.blockHeaderByteCount + SnapshotFormat.itemsByteLimit
            + SnapshotFormat.blockTrailerByteCount
    )
    /// Bytes of the block that are filled, its header included.
    private var blockEnd = SnapshotFormat.blockHeaderByteCount
    private var itemCount = 0

    /// Writes a snapshot and makes it the current one.
    ///
    /// - Parameters:
    ///   - capture: what to write.
    ///   - directory: where to.
    ///   - pace: how it gives way to others.
    /// - Throws: `CatalogError` `.noSpace` or `.io`. The snapshot before is then still there,
    ///   unless only the last step failed, after which either may be there.
    static func write(
        _ capture: CatalogCapture,
        to directory: CatalogDirectory,
        pace: SnapshotPace = SnapshotPace()
    ) throws(CatalogError) {
        let temporary = CatalogDirectory.temporarySnapshotName
        let file = try directory.make(temporary)
        do throws(CatalogError) {
            defer { directory.fileSystem.close(file) }
            var writer = SnapshotWriter(directory, file, pace)
            try directory.attempt("writing \(directory.path(of: temporary))") {
                () throws(UVError) in
                try writer.write(capture)
                try directory.fileSystem.synchronize(file)
            }
        } catch {
            // It frees the space, which may be what is missing; a leftover is removed at the start.
            try? directory.remove(temporary)
            throw error
        }
        try directory.attempt("renaming \(directory.path(of: temporary))") { () throws(UVError) in
            try directory.fileSystem.rename(
                directory.path(of: temporary),
                to: directory.path(of: CatalogDirectory.snapshotName)
            )
        }
        try directory.synchronize()
    }

    private init(_ directory: CatalogDirectory, _ file: FileDescriptor, _ pace: SnapshotPace) {
        self.directory = directory
        self.file = file
        self.pace = pace
    }

    private mutating func write(_ capture: CatalogCapture) throws(UVError) {
        // The links are gone through twice: their number stands before them.
        var linkCount: UInt64 = 0
        for shard in capture.links {
            for expiresAt in shard.values
            where !LinkTable.isForgotten(expiresAt, now: capture.now) {
                linkCount += 1
            }
        }
        let header = SnapshotFormat.Header(
            sequenceNumber: capture.sequenceNumber,
            linkCount: linkCount,
            cameraCount: UInt64(capture.cameras.count),
            imageCount: UInt64(capture.images.count)
        )
        try directory.fileSystem.write(file, header.encode().span, at: 0)
        try advance(by: SnapshotFormat.headerByteCount)
        for shard in capture.links {
            for (id, expiresAt) in shard
            where !LinkTable.isForgotten(expiresAt, now: capture.now) {
                try reserve(SnapshotFormat.linkByteCount, kind: .links)
                let start = blockEnd
                var span = block.mutableSpan
                SnapshotFormat.encode(id, expiresAt: expiresAt, into: &span, at: start)
                blockEnd += SnapshotFormat.linkByteCount
            }
        }
        try endBlock(.links)
        for chunk in capture.cameras.chunks {
            for name in chunk {
                try reserve(2 + name.count, kind: .cameras)
                var length: [UInt8] = []
                length.appendLittleEndian(UInt16(name.count))
                put(length)
                put(name)
            }
        }
        try endBlock(.cameras)
        for chunk in capture.images.chunks {
            for image in chunk {
                try reserve(SnapshotFormat.imageByteCount, kind: .images)
                let start = blockEnd
                var span = block.mutableSpan
                SnapshotFormat.encode(image, into: &span, at: start)
                blockEnd += SnapshotFormat.imageByteCount
            }
        }
        try endBlock(.images)
    }

    /// Makes room for one more item, in a new block if need be.
    private mutating func reserve(
        _ byteCount: Int,
        kind: SnapshotFormat.BlockKind
    ) throws(UVError) {
        let itemsByteCount = blockEnd - SnapshotFormat.blockHeaderByteCount
        if itemsByteCount + byteCount > SnapshotFormat.itemsByteLimit { try endBlock(kind) }
        itemCount += 1
    }

    /// Puts bytes into the block, which has room for them.
    private mutating func put(_ bytes: [UInt8]) {
        block.replaceSubrange(blockEnd..<blockEnd + bytes.count, with: bytes)
        blockEnd += bytes.count
    }

    private mutating func endBlock(_ kind: SnapshotFormat.BlockKind) throws(UVError) {
        guard itemCount > 0 else { return }
        let header = SnapshotFormat.BlockHeader(
            number: blockNumber,
            kind: kind,
            count: itemCount,
            length: blockEnd - SnapshotFormat.blockHeaderByteCount
        )
        var encoded: [UInt8] = []
        header.encode(into: &encoded)
        block.replaceSubrange(0..<encoded.count, with: encoded)
        var checksum: [UInt8] = []
        checksum.appendLittleEndian(CRC32C.checksum(block.span.extracting(0..<blockEnd)))
        put(checksum)
        try directory.fileSystem.write(file, block.span.extracting(0..<blockEnd), at: offset)
        try advance(by: blockEnd)
        blockNumber += 1
        blockEnd = SnapshotFormat.blockHeaderByteCount
        itemCount = 0
    }

    /// Goes on behind what was written; after a stretch gives it to the disk, and way to others.
    ///
    /// An error of writing back is reported once, perhaps here: the snapshot has failed then, and
    /// its last flush is not asked.
    private mutating func advance(by byteCount: Int) throws(UVError) {
        offset += UInt64(byteCount)
        guard offset - begunOffset >= pace.stretchBytes else { return }
        do throws(UVError) {
            try writeBack()
        } catch .notSupported {
            // It would only have begun early what the flush at the end does anyway.
        }
        pace.pause()
    }

    private mutating func writeBack() throws(UVError) {
        try directory.fileSystem.beginWriteBack(file, begunOffset..<offset)
        begunOffset = offset
        if begunOffset - finishedOffset > pace.writeBackBytesMax {
            let end = begunOffset - pace.writeBackBytesMax
            try directory.fileSystem.finishWriteBack(file, finishedOffset..<end)
            finishedOffset = end
        }
    }
}
