internal import Bytes
internal import UV

/// Reads one segment of the journal and judges its end.
///
/// The rules, and why they are what they are, stand in `DiskFormat.md` under "Torn or damaged".
struct JournalReader {
    /// How the reading of a segment ended.
    struct End: Equatable {
        /// The number after the segment's last record.
        var nextSequenceNumber: UInt64
        /// Bytes of the header and all records; what comes after them is a torn tail.
        ///
        /// 0 when the header itself is torn.
        var validByteCount: UInt64
    }

    private var window: FileWindow
    private let first: UInt64
    private let isLast: Bool

    /// Prepares to read a segment.
    ///
    /// - Parameters:
    ///   - window: the file.
    ///   - first: the sequence number that its name gives.
    ///   - isLast: whether it is the last segment, the only one that can be torn.
    init(_ window: FileWindow, first: UInt64, isLast: Bool) {
        self.window = window
        self.first = first
        self.isLast = isLast
    }

    /// Reads the segment from its beginning to its end.
    ///
    /// - Parameter each: given each record, in turn.
    /// - Returns: how it ended.
    /// - Throws: `CatalogError` `.damaged`, or `.io` when the file cannot be read.
    mutating func read(each: (JournalRecord) -> Void) throws(CatalogError) -> End {
        guard try readHeader() else {
            return End(nextSequenceNumber: first, validByteCount: 0)
        }
        var end = End(
            nextSequenceNumber: first,
            validByteCount: UInt64(JournalFormat.headerByteCount)
        )
        while end.validByteCount < window.sizeBytes {
            guard let (record, byteCount) = try readRecord(at: end) else { break }
            each(record)
            end.nextSequenceNumber += 1
            end.validByteCount += UInt64(byteCount)
        }
        return end
    }

    /// Reads the segment's header.
    ///
    /// - Returns: false when it is torn.
    private mutating func readHeader() throws(CatalogError) -> Bool {
        let byteCount = JournalFormat.headerByteCount
        guard window.sizeBytes >= UInt64(byteCount) else {
            if isLast { return false }
            throw .damaged("the header is cut off", in: window.path, at: 0)
        }
        let index = try window.index(of: 0, count: byteCount)
        let bytes = window.bytes.span.copy(index..<index + byteCount)
        switch JournalFormat.decodeHeader(bytes.span) {
        case .valid(first): return true
        case .valid(let other):
            let what = "the header names record \(other), the file's name record \(first),"
            throw .damaged(what, in: window.path, at: 12)
        case .unknownVersion(let version):
            throw .unknownVersion(version, in: window.path)
        case .invalid:
            let isEmpty = bytes.allSatisfy { $0 == 0 }
            let next = End(nextSequenceNumber: first, validByteCount: 0)
            if isLast, isEmpty, try !isFollowedByRecord(next) { return false }
            throw .damaged("no valid header", in: window.path, at: 0)
        }
    }

    /// Reads the record at the end of what was valid so far.
    ///
    /// - Returns: the record and its bytes, or `nil` when the rest of the file is a torn tail.
    private mutating func readRecord(
        at end: End
    ) throws(CatalogError) -> (JournalRecord, byteCount: Int)? {
        let offset = end.validByteCount
        let rest = window.sizeBytes - offset
        guard rest >= UInt64(JournalFormat.recordHeaderByteCount) else {
            // Too short for anything to follow.
            if isLast { return nil }
            throw .damaged("a record is cut off", in: window.path, at: offset)
        }
        let index = try window.index(of: offset, count: JournalFormat.recordHeaderByteCount)
        guard let header = JournalRecordHeader.decode(window.bytes.span, at: index) else {
            if try isTorn(end, recordEnd: window.sizeBytes) { return nil }
            throw .damaged("no valid record", in: window.path, at: offset)
        }
        guard header.sequenceNumber == end.nextSequenceNumber else {
            let what = "record \(header.sequenceNumber) instead of \(end.nextSequenceNumber)"
            throw .damaged(what, in: window.path, at: offset)
        }
        guard rest >= UInt64(header.recordByteCount) else {
            if isLast, try !isFollowedByRecord(end) { return nil }
            throw .damaged("a record is cut off", in: window.path, at: offset)
        }
        let start = try window.index(of: offset, count: header.recordByteCount)
        let range = start..<start + header.recordByteCount
        guard let record = header.decodeRecord(window.bytes.span.extracting(range)) else {
            if try isTorn(end, recordEnd: offset + UInt64(header.recordByteCount)) { return nil }
            throw .damaged("a record with a wrong checksum", in: window.path, at: offset)
        }
        return (record, header.recordByteCount)
    }

    // MARK: Torn or damaged

    /// Tells whether an invalid record is one that a crash interrupted.
    private mutating func isTorn(_ end: End, recordEnd: UInt64) throws(CatalogError) -> Bool {
        guard isLast, try hasUnwrittenSector(from: end.validByteCount, to: recordEnd) else {
            return false
        }
        return try !isFollowedByRecord(end)
    }

    /// Tells whether all bytes of one sector, as far as they belong to a part of the file, are
    /// zero.
    private mutating func hasUnwrittenSector(
        from start: UInt64,
        to end: UInt64
    ) throws(CatalogError) -> Bool {
        let sector = UInt64(JournalFormat.sectorBytes)
        var offset = start
        while offset < end {
            let next = min(end, (offset / sector + 1) * sector)
            let count = Int(next - offset)
            let index = try window.index(of: offset, count: count)
            if window.bytes[index..<index + count].allSatisfy({ $0 == 0 }) { return true }
            offset = next
        }
        return false
    }

    /// Tells whether a later record begins anywhere after the end of what was valid.
    private mutating func isFollowedByRecord(_ end: End) throws(CatalogError) -> Bool {
        let step = UInt64(JournalFormat.alignmentBytes)
        let headerByteCount = JournalFormat.recordHeaderByteCount
        var offset = end.validByteCount + step
        while offset + UInt64(headerByteCount) <= window.sizeBytes {
            let index = try window.index(of: offset, count: headerByteCount)
            if let header = JournalRecordHeader.decode(window.bytes.span, at: index),
                header.sequenceNumber > end.nextSequenceNumber
                    || end.validByteCount == 0 && header.sequenceNumber == end.nextSequenceNumber
            {
                return true
            }
            offset += step
        }
        return false
    }
}
