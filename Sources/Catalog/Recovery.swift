internal import UV

/// Brings back what the files say, at the start of the process.
///
/// The steps, and what each protects from, stand in `DiskFormat.md` under "Recovery".
struct Recovery {
    /// What a catalog begins its work with.
    struct Recovered {
        var index: CatalogIndex
        var writer: JournalWriter
        /// The number of the last record in the snapshot, 0 without one.
        var snapshotSequenceNumber: UInt64
        /// What was cut off the journal's end, in words; `nil` when it was whole.
        var tornTail: String?
    }

    private let directory: CatalogDirectory
    private let limits: CatalogLimits
    private var index: CatalogIndex
    private var snapshotSequenceNumber: UInt64 = 0
    private var tornTail: String?

    /// Prepares for the recovery of a directory.
    ///
    /// - Parameters:
    ///   - directory: where the files are; it exists.
    ///   - limits: those of the index.
    init(_ directory: CatalogDirectory, limits: CatalogLimits) {
        self.directory = directory
        self.limits = limits
        index = CatalogIndex(limits: limits)
    }

    /// Recovers.
    ///
    /// - Returns: what to begin with; the journal's last segment is durable and ready.
    /// - Throws: `CatalogError` `.damaged`, with nothing changed but a leftover `snapshot.tmp`, or
    ///   `.io` or `.noSpace`.
    consuming func recover() throws(CatalogError) -> Recovered {
        let names = try directory.list()
        if names.contains(CatalogDirectory.temporarySnapshotName) {
            try directory.remove(CatalogDirectory.temporarySnapshotName)
        }
        let hasSnapshot = names.contains(CatalogDirectory.snapshotName)
        if hasSnapshot { try loadSnapshot() }
        let segments = names.compactMap(JournalFormat.first(ofSegmentNamed:)).sorted()
        let current = segments.filter { $0 > snapshotSequenceNumber }
        let writer: JournalWriter
        if let last = current.last {
            writer = try replay(current, last: last)
        } else {
            // Without an older segment, only a catalog that never held anything has none at all.
            guard segments.count > 0 || !hasSnapshot else { throw missingSegment() }
            writer = try begin(first: snapshotSequenceNumber + 1)
        }
        directory.removeSegments(through: snapshotSequenceNumber)
        return Recovered(
            index: index,
            writer: writer,
            snapshotSequenceNumber: snapshotSequenceNumber,
            tornTail: tornTail
        )
    }

    private func missingSegment() -> CatalogError {
        let path = directory.path(of: JournalFormat.name(first: snapshotSequenceNumber + 1))
        return .damaged("the segment after the snapshot is missing", in: path, at: 0)
    }

    private mutating func loadSnapshot() throws(CatalogError) {
        let name = CatalogDirectory.snapshotName
        let file = try directory.open(name, .read)
        defer { directory.fileSystem.close(file) }
        var reader = SnapshotReader(
            try FileWindow(file, path: directory.path(of: name), fileSystem: directory.fileSystem)
        )
        let header = try reader.readHeader()
        try reader.readBlocks(header, into: &index)
        snapshotSequenceNumber = header.sequenceNumber
    }

    /// Replays the segments after the snapshot.
    private mutating func replay(
        _ segments: [UInt64],
        last: UInt64
    ) throws(CatalogError) -> JournalWriter {
        var next = snapshotSequenceNumber + 1
        for first in segments {
            let name = JournalFormat.name(first: first)
            guard first == next else {
                let what = "record \(first) instead of \(next) comes next, which"
                throw .damaged(what + " leaves a gap", in: directory.path(of: name), at: 0)
            }
            let file = try directory.open(name, first == last ? [.read, .write] : .read)
            do throws(CatalogError) {
                let end = try read(file, name: name, first: first, isLast: first == last)
                next = end.nextSequenceNumber
                if first == last { return try reopen(file, name: name, first: first, end: end) }
            } catch {
                directory.fileSystem.close(file)
                throw error
            }
            directory.fileSystem.close(file)
        }
        preconditionFailure("the last segment is among the segments")
    }

    private mutating func read(
        _ file: FileDescriptor,
        name: String,
        first: UInt64,
        isLast: Bool
    ) throws(CatalogError) -> JournalReader.End {
        let path = directory.path(of: name)
        let window = try FileWindow(file, path: path, fileSystem: directory.fileSystem)
        var reader = JournalReader(window, first: first, isLast: isLast)
        var read = index
        index = CatalogIndex(limits: limits)
        defer { index = read }
        return try reader.read { record in
            for entry in record.entries { read.apply(entry) }
        }
    }

    /// Cuts a torn tail off the last segment, makes the rest durable, and hands it to a writer.
    private mutating func reopen(
        _ file: FileDescriptor,
        name: String,
        first: UInt64,
        end: JournalReader.End
    ) throws(CatalogError) -> JournalWriter {
        var sizeBytes = end.validByteCount
        let path = directory.path(of: name)
        var tornByteCount: UInt64 = 0
        try directory.attempt("repairing the end of \(path)") { () throws(UVError) in
            let fileSystem = directory.fileSystem
            let foundBytes = try fileSystem.status(of: file).sizeBytes
            if foundBytes > sizeBytes {
                tornByteCount = foundBytes - sizeBytes
                try fileSystem.truncate(file, to: sizeBytes)
            }
            if sizeBytes == 0 {
                let header = JournalFormat.encodeHeader(first: first)
                try fileSystem.write(file, header.span, at: 0)
                sizeBytes = UInt64(header.count)
            }
            // What was read may be in the page cache only, if the last process was killed between
            // a write and its flush. Once it is visible it has to stay.
            try Self.writeAgain(file, sizeBytes, fileSystem)
            try fileSystem.synchronize(file)
        }
        try directory.synchronize()
        if tornByteCount > 0 {
            tornTail =
                "\(path): cut off \(tornByteCount) bytes at offset \(end.validByteCount), a record "
                + "that was never finished; if the process did not end in the middle of its work, "
                + "somebody cut the file short: `image-service verify` tells what is missing"
        }
        return JournalWriter(
            directory,
            file: file,
            name: name,
            sizeBytes: sizeBytes,
            nextSequenceNumber: end.nextSequenceNumber
        )
    }

    /// Bytes that are written again at once.
    private static let pieceByteCount = 1 << 20

    /// Writes a file's bytes where they are, so that a flush means them.
    ///
    /// After a flush that failed Linux takes the pages for clean (fsync(2), "ERRORS"). If the
    /// process was killed then, before it could give the segment up, another flush would succeed
    /// without writing anything, and a power cut would tear a hole before the records that follow.
    private static func writeAgain(
        _ file: FileDescriptor,
        _ sizeBytes: UInt64,
        _ fileSystem: any FileSystem
    ) throws(UVError) {
        var offset: UInt64 = 0
        while offset < sizeBytes {
            let wanted = min(UInt64(pieceByteCount), sizeBytes - offset)
            var bytes = [UInt8](repeating: 0, count: Int(wanted))
            var span = bytes.mutableSpan
            let count = try fileSystem.read(file, into: &span, at: offset)
            guard count == bytes.count else { throw .io }
            do throws(UVError) {
                try fileSystem.write(file, bytes.span, at: offset)
            } catch .noSpace {
                // A file system that never writes in place has no room for it. To serve what is
                // there matters more than this case.
                return
            } catch .quotaExceeded {
                return
            }
            offset += wanted
        }
    }

    private func begin(first: UInt64) throws(CatalogError) -> JournalWriter {
        JournalWriter(
            directory,
            file: try directory.makeSegment(first: first),
            name: JournalFormat.name(first: first),
            sizeBytes: UInt64(JournalFormat.headerByteCount),
            nextSequenceNumber: first
        )
    }
}

extension CatalogIndex {
    /// Makes a change of the journal visible.
    ///
    /// - Parameter entry: the change, durable by now.
    mutating func apply(_ entry: JournalEntry) {
        switch entry {
        case .images(let images): for image in images { add(image) }
        case .link(let link): add(link)
        }
    }
}
