internal import UV

/// Appends records to the journal's last segment, durably, and keeps it in a known state.
///
/// ```
///            append            write fails, cut back
///          ┌────────┐         ┌─────────────────────┐
///          ▼        │         ▼                     │
///  open ──────────────── ready ────────────────────────▶ abandoned ──▶ ready
///                             │  flush or cut fails           startSegment,
///                             ▼                               after a snapshot
///                          closed
/// ```
///
/// What happens after a failure, and why, stands in `DiskFormat.md` under "A record".
struct JournalWriter: Sendable {
    private struct Segment: Sendable {
        let file: FileDescriptor
        let path: String
        /// Where the next record goes: the end of what is durable.
        var sizeBytes: UInt64
    }

    private enum State: Sendable {
        case ready(Segment)
        /// The last segment's content is not known; nothing may be appended to it.
        case abandoned
        case closed
    }

    private let directory: CatalogDirectory
    private var state: State
    /// The number that the next record gets.
    private(set) var nextSequenceNumber: UInt64

    private var fileSystem: any FileSystem { directory.fileSystem }

    /// Takes over the last segment as recovery left it: durable and without a torn tail.
    ///
    /// - Parameters:
    ///   - directory: where the segment is.
    ///   - file: the segment, open for writing; the writer closes it.
    ///   - name: its name.
    ///   - sizeBytes: where the next record goes.
    ///   - nextSequenceNumber: the number of the next record.
    init(
        _ directory: CatalogDirectory,
        file: FileDescriptor,
        name: String,
        sizeBytes: UInt64,
        nextSequenceNumber: UInt64
    ) {
        self.directory = directory
        self.nextSequenceNumber = nextSequenceNumber
        state = .ready(Segment(file: file, path: directory.path(of: name), sizeBytes: sizeBytes))
    }

    /// Whether a snapshot and a new segment are needed before the next record.
    var isAbandoned: Bool {
        if case .abandoned = state { true } else { false }
    }

    /// Makes a record durable.
    ///
    /// - Parameter encoder: the record's entries.
    /// - Throws: `CatalogError` `.noSpace` or `.io`. The record is then not in the segment, or the
    ///   segment is abandoned.
    mutating func append(_ encoder: consuming JournalRecordEncoder) throws(CatalogError) {
        guard case .ready(var segment) = state else {
            throw CatalogError(.io, "the journal was given up after a failed flush")
        }
        let bytes = encoder.finish(sequenceNumber: nextSequenceNumber)
        try write(bytes.span, behind: segment, "appending to")
        segment.sizeBytes += UInt64(bytes.count)
        state = .ready(segment)
        nextSequenceNumber += 1
    }

    /// Tries whether a record could be written, without writing one: zeros where it would begin,
    /// flushed and cut off again.
    ///
    /// A start that finds them takes them for a torn tail, which they are.
    ///
    /// - Throws: as `append`, with the same consequences.
    mutating func probe() throws(CatalogError) {
        guard case .ready(let segment) = state else {
            throw CatalogError(.io, "the journal was given up after a failed flush")
        }
        let zeros = [UInt8](repeating: 0, count: JournalFormat.sectorBytes)
        // Flushed before the cut, which would take the zeros out of the cache again: a disk or a
        // quota that is full may be found out only then (delayed allocation, NFS).
        try write(zeros.span, behind: segment, "trying to write to")
        guard cutBack(segment) else {
            abandon(segment, burning: true)
            throw CatalogError(.io, "flushing \(segment.path) fails")
        }
    }

    /// Writes bytes behind the records of a segment and makes them durable.
    ///
    /// When that fails, none of them is left, or the segment is given up.
    private mutating func write(
        _ bytes: Span<UInt8>,
        behind segment: Segment,
        _ action: String
    ) throws(CatalogError) {
        do throws(UVError) {
            try fileSystem.write(segment.file, bytes, at: segment.sizeBytes)
        } catch {
            // The same number is used again only if the cut is durable.
            if !cutBack(segment) { abandon(segment, burning: true) }
            throw .failed("\(action) \(segment.path)", error)
        }
        do throws(UVError) {
            try fileSystem.synchronizeData(segment.file)
        } catch {
            // That the cut succeeds now proves nothing about the disk, which may have lost more
            // than these bytes; it only leaves no doubt if the process should be killed before
            // there is a snapshot.
            _ = cutBack(segment)
            abandon(segment, burning: true)
            throw .failed("flushing \(segment.path)", error)
        }
    }

    /// Begins a new segment with the next record, after which the others are complete.
    ///
    /// Does nothing if the segment has no record yet.
    ///
    /// - Throws: `CatalogError` `.noSpace` or `.io`. Records then go on to the segment before,
    ///   unless `isAbandoned`.
    mutating func startSegment() throws(CatalogError) {
        if case .ready(let segment) = state,
            segment.sizeBytes == UInt64(JournalFormat.headerByteCount)
        {
            return
        }
        let name = JournalFormat.name(first: nextSequenceNumber)
        let file: FileDescriptor
        do throws(CatalogError) {
            file = try directory.makeSegment(first: nextSequenceNumber)
        } catch {
            if case .ready(let segment) = state, !removeDurably(name) {
                // A segment that begins with the next number stands beside the one that the next
                // record would go to: at a start they would contradict each other.
                abandon(segment, burning: false)
            }
            throw error
        }
        if case .ready(let segment) = state { fileSystem.close(segment.file) }
        state = .ready(
            Segment(
                file: file,
                path: directory.path(of: name),
                sizeBytes: UInt64(JournalFormat.headerByteCount)
            )
        )
    }

    /// Lets go of the segment.
    mutating func close() {
        if case .ready(let segment) = state { fileSystem.close(segment.file) }
        state = .closed
    }

    /// Removes what a failed write may have left.
    private func cutBack(_ segment: Segment) -> Bool {
        do throws(UVError) {
            try fileSystem.truncate(segment.file, to: segment.sizeBytes)
            try fileSystem.synchronizeData(segment.file)
            return true
        } catch {
            return false
        }
    }

    private mutating func abandon(_ segment: Segment, burning burnsNumber: Bool) {
        fileSystem.close(segment.file)
        if burnsNumber { nextSequenceNumber += 1 }
        state = .abandoned
    }

    private func removeDurably(_ name: String) -> Bool {
        do throws(CatalogError) {
            if try directory.list().contains(name) { try directory.remove(name) }
            try directory.synchronize()
            return true
        } catch {
            return false
        }
    }
}
