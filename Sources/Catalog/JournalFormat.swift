internal import Bytes

/// The layout of a journal segment, as `DiskFormat.md` specifies it.
///
/// `header  = [magic: 8][version: u32][first: u64][crc32c: u32]`
/// `record  = [mark: u32][length: u32][sequence: u64][count: u32][crc32c: u32]`
/// `          [entries: length][padding: 0...7][crc32c: u32][end mark: u32]`
package enum JournalFormat {
    /// What a segment begins with.
    static let magic: [UInt8] = Array("ISjrnl\r\n".utf8)
    /// The version that is written, and the only one there has been.
    static let version: UInt32 = 1
    /// Bytes of a segment's header.
    static let headerByteCount = 24

    /// What a record begins with: "JRec".
    static let recordMark: UInt32 = 0x6365_524A
    /// What a record ends with: "Next".
    static let recordEndMark: UInt32 = 0x7478_654E
    /// Bytes of a record before its entries.
    static let recordHeaderByteCount = 24
    /// Bytes of a record after its entries and their padding.
    static let recordTrailerByteCount = 8
    /// A record's size is a multiple of this, so that no sector holds fewer bytes of its beginning
    /// or its end: the rule for torn tails rests on that.
    static let alignmentBytes = 8
    /// What a disk writes as a whole; the unit of the rule for torn tails.
    ///
    /// Disks with larger sectors write multiples of it.
    static let sectorBytes = 512

    /// Bytes of the entries in a record.
    ///
    /// The writer closes a record at `recordByteGoal`, and the largest entry has 10.8 MB, so no
    /// record comes near; a reader that finds a larger length knows it for damage.
    static let entriesByteLimit = 16 << 20
    /// Bytes of entries at which the writer closes a record.
    ///
    /// Large enough for thousands of requests to share a flush, small enough that none of them
    /// waits long for the others' bytes.
    static let recordByteGoal = 1 << 20
    /// Images in one entry, hence in one request: more than any form sends, and an entry of that
    /// many images with the longest camera names still fits into a record.
    package static let imageCountLimit = 10_000

    /// The longest that an entry can be: kind and count, and images with the longest names.
    static let entryByteLimit =
        5 + imageCountLimit * (JournalEntry.imageByteCount + ImageRecord.cameraByteLimit)

    /// Encodes the header of a segment.
    ///
    /// - Parameter first: the sequence number of its first record.
    /// - Returns: `headerByteCount` bytes.
    static func encodeHeader(first: UInt64) -> [UInt8] {
        var out = magic
        out.appendLittleEndian(version)
        out.appendLittleEndian(first)
        out.appendLittleEndian(CRC32C.checksum(out.span))
        assert(out.count == headerByteCount)
        return out
    }

    /// What the first bytes of a segment say.
    enum Header: Equatable {
        /// The segment begins with this sequence number.
        case valid(first: UInt64)
        /// The segment has another version.
        case unknownVersion(UInt32)
        /// It is no header.
        case invalid
    }

    /// Decodes the header of a segment.
    ///
    /// - Parameter bytes: at least `headerByteCount` bytes.
    /// - Returns: what they say.
    static func decodeHeader(_ bytes: Span<UInt8>) -> Header {
        guard bytes.starts(with: magic) else { return .invalid }
        let found = bytes.littleEndianUInt32(at: 8)
        // Before the checksum: another version may keep it elsewhere.
        guard found == version else { return .unknownVersion(found) }
        let checksum = CRC32C.checksum(bytes.extracting(0..<20))
        guard checksum == bytes.littleEndianUInt32(at: 20) else { return .invalid }
        return .valid(first: bytes.littleEndianUInt64(at: 12))
    }

    // MARK: Names

    private static let namePrefix = "journal-"
    private static let nameDigitCount = 16

    /// Names the segment that begins with a record.
    ///
    /// - Parameter first: the record's sequence number.
    /// - Returns: the file's name.
    static func name(first: UInt64) -> String {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(first)
        return namePrefix + String(decoding: Hex.encode(bytes.span), as: UTF8.self)
    }

    /// Reads the name of a segment.
    ///
    /// - Parameter name: a file's name.
    /// - Returns: the sequence number of its first record, or `nil` for the name of another file.
    static func first(ofSegmentNamed name: String) -> UInt64? {
        guard name.hasPrefix(namePrefix) else { return nil }
        let digits = name.utf8.dropFirst(namePrefix.utf8.count)
        guard digits.count == nameDigitCount else { return nil }
        var first: UInt64 = 0
        for digit in digits {
            guard let nibble = Hex.value(ofLowerCaseDigit: digit) else { return nil }
            first = first << 4 | UInt64(nibble)
        }
        return first
    }
}
