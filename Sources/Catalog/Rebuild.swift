package import UV

/// Makes a catalog anew from the images, whatever state its files are in.
///
/// The way out when recovery refuses damaged files, and the way in for images that were collected
/// elsewhere. The links of the old files are kept as far as those can be read: they are in no
/// image.
package struct Rebuild {
    /// What was made.
    package struct Summary: Hashable, Sendable {
        /// Images in the new catalog.
        package let images: Int
        /// Links that were kept.
        package let links: Int
        /// Why some links may be missing: what could not be read of the old files, in their order.
        package let losses: [CatalogError]
    }

    /// The least that a record takes: a link with the record's frame, rounded up.
    ///
    /// A damaged segment of `n` bytes has at most `n / smallestRecordByteCount` records.
    private static let smallestRecordByteCount: UInt64 = 64

    private let directory: CatalogDirectory
    private let limits: CatalogLimits
    private let now: Int64
    private var losses: [CatalogError] = []
    /// No record of the old files has a greater number.
    private var greatestSequenceNumber: UInt64 = 0

    /// Makes the files of a catalog with the given images and the links of the old files.
    ///
    /// The new snapshot replaces the old one in one step, so that a crash leaves either the old
    /// files or the new. Blocks. The caller holds the lock on the data directory.
    ///
    /// - Parameters:
    ///   - path: the data directory, which exists; no catalog is open in it.
    ///   - fileSystem: what files are read and written with.
    ///   - images: every image; one that comes twice counts as it came first.
    ///   - limits: what the catalog takes on.
    ///   - now: seconds since 1970; links that are not remembered by then are left out.
    /// - Returns: what was made.
    /// - Throws: `CatalogError` `.io` or `.noSpace`, or `.full` when there are too many images.
    package static func run(
        path: String,
        fileSystem: any FileSystem,
        images: some Sequence<ImageRecord>,
        limits: CatalogLimits = CatalogLimits(),
        now: Int64
    ) throws(CatalogError) -> Summary {
        let directory = CatalogDirectory(path: path, fileSystem: fileSystem)
        var rebuild = Rebuild(directory: directory, limits: limits, now: now)
        return try rebuild.run(images)
    }

    private init(directory: CatalogDirectory, limits: CatalogLimits, now: Int64) {
        self.directory = directory
        self.limits = limits
        self.now = now
    }

    private mutating func run(
        _ images: some Sequence<ImageRecord>
    ) throws(CatalogError) -> Summary {
        var index = CatalogIndex(limits: limits)
        for link in try salvageLinks() where !LinkTable.isForgotten(link.expiresAt, now: now) {
            index.add(link)
        }
        for image in images {
            index.add(image)
            guard index.images.count <= limits.images else {
                throw CatalogError(.full, "the catalog holds \(limits.images) images")
            }
        }
        let sequenceNumber = greatestSequenceNumber + 1
        let capture = CatalogCapture(index, sequenceNumber: sequenceNumber, now: now)
        try SnapshotWriter.write(capture, to: directory)
        let file = try directory.makeSegment(first: sequenceNumber + 1)
        directory.fileSystem.close(file)
        // All others, also those whose names claim a later number.
        for first in try directory.segments() where first != sequenceNumber + 1 {
            try directory.remove(JournalFormat.name(first: first))
        }
        try directory.synchronize()
        return Summary(images: index.images.count, links: index.links.count, losses: losses)
    }

    // MARK: Links of the old files

    private mutating func salvageLinks() throws(CatalogError) -> [UploadLink] {
        var links: [UploadLink] = []
        let names = try directory.list()
        if names.contains(CatalogDirectory.snapshotName) {
            do throws(CatalogError) {
                links += try linksOfSnapshot()
            } catch {
                try lose(error)
            }
        }
        for first in names.compactMap(JournalFormat.first(ofSegmentNamed:)).sorted() {
            do throws(CatalogError) {
                try salvage(segment: first) { links.append($0) }
            } catch {
                try lose(error)
            }
        }
        return links
    }

    /// Notes what damage took.
    ///
    /// What merely could not be read this time is no loss yet, and must not be made one: the
    /// rebuilding ends before it has changed anything.
    private mutating func lose(_ error: CatalogError) throws(CatalogError) {
        guard error.code == .damaged else { throw error }
        losses.append(error)
    }

    private mutating func linksOfSnapshot() throws(CatalogError) -> [UploadLink] {
        let name = CatalogDirectory.snapshotName
        let file = try directory.open(name, .read)
        defer { directory.fileSystem.close(file) }
        let path = directory.path(of: name)
        let fileSystem = directory.fileSystem
        var reader = SnapshotReader(try FileWindow(file, path: path, fileSystem: fileSystem))
        let header = try reader.readHeader()
        note(header.sequenceNumber)
        var index = CatalogIndex(limits: limits)
        do throws(CatalogError) {
            try reader.readBlocks(header, into: &index)
        } catch {
            // The links stand first; what was read of them before the damage is in the index.
            try lose(error)
        }
        return index.links.shards.flatMap { shard in
            shard.map { UploadLink(id: $0.key, expiresAt: $0.value) }
        }
    }

    private mutating func salvage(
        segment first: UInt64,
        each: (UploadLink) -> Void
    ) throws(CatalogError) {
        let name = JournalFormat.name(first: first)
        note(first)
        let file = try directory.open(name, .read)
        defer { directory.fileSystem.close(file) }
        let path = directory.path(of: name)
        let window = try FileWindow(file, path: path, fileSystem: directory.fileSystem)
        note(first.addingReportingOverflow(window.sizeBytes / Self.smallestRecordByteCount))
        var reader = JournalReader(window, first: first, isLast: true)
        _ = try reader.read { record in
            for case .link(let link) in record.entries { each(link) }
        }
    }

    /// Notes a number that a record of the old files may have.
    ///
    /// A number that no catalog can have reached is that of a file which does not belong here.
    private mutating func note(_ sequenceNumber: UInt64) {
        guard sequenceNumber < UInt64.max / 2 else { return }
        greatestSequenceNumber = max(greatestSequenceNumber, sequenceNumber)
    }

    private mutating func note(_ sum: (partialValue: UInt64, overflow: Bool)) {
        if !sum.overflow { note(sum.partialValue) }
    }
}
