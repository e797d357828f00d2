internal import Bytes

/// What one flush of the journal makes durable: the entries of the requests that waited for it.
struct JournalRecord: Hashable, Sendable {
    /// Its number; each record's is greater by one than that of the record before it.
    let sequenceNumber: UInt64
    /// At least one change.
    let entries: [JournalEntry]

    /// Encodes the record.
    ///
    /// - Returns: its bytes, a multiple of `JournalFormat.alignmentBytes`.
    func encode() -> [UInt8] {
        var encoder = JournalRecordEncoder()
        for entry in entries { encoder.append(entry) }
        return encoder.finish(sequenceNumber: sequenceNumber)
    }
}

/// Builds the bytes of a record entry by entry.
struct JournalRecordEncoder: ~Copyable {
    private var bytes = [UInt8](repeating: 0, count: JournalFormat.recordHeaderByteCount)
    private var count: UInt32 = 0

    /// Whether there is no entry yet.
    var isEmpty: Bool { count == 0 }

    /// Bytes of the entries so far.
    var entriesByteCount: Int { bytes.count - JournalFormat.recordHeaderByteCount }

    /// Adds an entry.
    ///
    /// - Parameter entry: the entry.
    mutating func append(_ entry: JournalEntry) {
        entry.encode(into: &bytes)
        count += 1
    }

    /// Ends the record.
    ///
    /// - Parameter sequenceNumber: the record's number.
    /// - Returns: its bytes.
    consuming func finish(sequenceNumber: UInt64) -> [UInt8] {
        let length = entriesByteCount
        precondition(count > 0 && length <= JournalFormat.entriesByteLimit)
        let header = JournalRecordHeader(
            entriesByteCount: length,
            sequenceNumber: sequenceNumber,
            entryCount: Int(count)
        )
        let encodedHeader = header.encode()
        for i in encodedHeader.indices { bytes[i] = encodedHeader[i] }
        while bytes.count % JournalFormat.alignmentBytes != 0 { bytes.append(0) }
        let guarded = JournalFormat.recordHeaderByteCount..<bytes.count
        bytes.appendLittleEndian(CRC32C.checksum(bytes.span.extracting(guarded)))
        bytes.appendLittleEndian(JournalFormat.recordEndMark)
        assert(bytes.count == header.recordByteCount)
        return bytes
    }
}

/// The first bytes of a record, which have a checksum of their own: a length that can be trusted is
/// what tells a torn record from a damaged one.
struct JournalRecordHeader: Hashable {
    /// Bytes of the entries.
    let entriesByteCount: Int
    /// The record's number.
    let sequenceNumber: UInt64
    /// How many entries there are.
    let entryCount: Int

    /// Bytes of the entries with their padding.
    private var paddedByteCount: Int {
        let alignment = JournalFormat.alignmentBytes
        return (entriesByteCount + alignment - 1) / alignment * alignment
    }

    /// Bytes of the whole record.
    var recordByteCount: Int {
        JournalFormat.recordHeaderByteCount + paddedByteCount + JournalFormat.recordTrailerByteCount
    }

    /// Encodes the header.
    ///
    /// - Returns: `JournalFormat.recordHeaderByteCount` bytes.
    func encode() -> [UInt8] {
        var out: [UInt8] = []
        out.appendLittleEndian(JournalFormat.recordMark)
        out.appendLittleEndian(UInt32(entriesByteCount))
        out.appendLittleEndian(sequenceNumber)
        out.appendLittleEndian(UInt32(entryCount))
        out.appendLittleEndian(CRC32C.checksum(out.span))
        assert(out.count == JournalFormat.recordHeaderByteCount)
        return out
    }

    /// Decodes a header.
    ///
    /// - Parameters:
    ///   - bytes: what contains it.
    ///   - offset: where it begins; all its bytes must lie within the span.
    /// - Returns: the header, or `nil` when no valid one begins there.
    static func decode(_ bytes: Span<UInt8>, at offset: Int) -> JournalRecordHeader? {
        guard bytes.littleEndianUInt32(at: offset) == JournalFormat.recordMark else { return nil }
        let checksum = CRC32C.checksum(bytes.extracting(offset..<offset + 20))
        guard checksum == bytes.littleEndianUInt32(at: offset + 20) else { return nil }
        let header = JournalRecordHeader(
            entriesByteCount: Int(bytes.littleEndianUInt32(at: offset + 4)),
            sequenceNumber: bytes.littleEndianUInt64(at: offset + 8),
            entryCount: Int(bytes.littleEndianUInt32(at: offset + 16))
        )
        guard (1...JournalFormat.entriesByteLimit).contains(header.entriesByteCount),
            header.entryCount > 0
        else { return nil }
        return header
    }

    /// Decodes the rest of the record that the header belongs to.
    ///
    /// - Parameter bytes: the whole record, `recordByteCount` bytes.
    /// - Returns: the record, or `nil` when its checksum, marks or entries are wrong.
    func decodeRecord(_ bytes: Span<UInt8>) -> JournalRecord? {
        precondition(bytes.count == recordByteCount)
        let start = JournalFormat.recordHeaderByteCount
        let end = start + paddedByteCount
        guard CRC32C.checksum(bytes.extracting(start..<end)) == bytes.littleEndianUInt32(at: end),
            bytes.littleEndianUInt32(at: end + 4) == JournalFormat.recordEndMark
        else { return nil }
        let part = bytes.extracting(start..<start + entriesByteCount)
        var entries: [JournalEntry] = []
        var offset = 0
        for _ in 0..<entryCount {
            guard let entry = JournalEntry.decode(part, at: &offset) else { return nil }
            entries.append(entry)
        }
        guard offset == part.count else { return nil }
        return JournalRecord(sequenceNumber: sequenceNumber, entries: entries)
    }
}
