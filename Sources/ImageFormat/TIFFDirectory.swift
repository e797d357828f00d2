/// The first directory (IFD 0) of a TIFF structure, which TIFF files and EXIF blocks share.
///
/// `[order: "II" or "MM"][42: u16][directory: u32]` (TIFF 6.0 §2), or, in BigTIFF, `[order][43:
/// u16][8: u16][0: u16][directory: u64]`. Only the first directory is ever opened, and no entry
/// leads to another one, so that cycles among directories cannot matter.
package struct TIFFDirectory: Sendable {
    /// Entries looked at.
    ///
    /// Directories of cameras have some thirty, those of raw files some hundred; the format allows
    /// 65,535 and BigTIFF any number.
    package static let maxEntries = 4_096

    /// The byte order of everything in the structure.
    let order: ByteOrder
    /// Where the directory begins, counted from the start of the structure.
    let offset: UInt64
    /// Entries that can be read: as many as there are, at most `maxEntries`.
    let readableCount: Int
    private let isBig: Bool

    /// One entry (TIFF 6.0 §2, "IFD Entry").
    struct Entry: Sendable {
        var tag: UInt16
        /// The type of each value.
        var type: UInt16
        /// How many values.
        var count: UInt64
        /// The value itself where it fits, or else where it stands.
        var field: [UInt8]
    }

    /// Opens the first directory, and gives `nil` when the header is no TIFF header or points
    /// nowhere.
    ///
    /// - Parameters:
    ///   - block: where the structure stands in the file.
    ///   - reader: the file.
    /// - Throws: as the reader does.
    init?<Source: ImageSource>(
        firstIn block: Extents,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) {
        guard let head = try block.bytes(at: 0, count: 8, &reader) else { return nil }
        switch head[..<2] {
        case [0x49, 0x49]: order = .little
        case [0x4D, 0x4D]: order = .big
        default: return nil
        }
        switch UInt16(head[2..<4], order) {
        case 42:
            isBig = false
            offset = UInt64(UInt32(head[4..<8], order))
            guard offset >= 8, let count = try block.bytes(at: offset, count: 2, &reader)
            else { return nil }
            readableCount = min(Int(UInt16(count[...], order)), Self.maxEntries)
        case 43:
            isBig = true
            guard UInt16(head[4..<6], order) == 8,
                let pointer = try block.bytes(at: 8, count: 8, &reader)
            else { return nil }
            offset = UInt64(pointer[...], order)
            guard offset >= 16, let count = try block.bytes(at: offset, count: 8, &reader)
            else { return nil }
            readableCount = Int(min(UInt64(count[...], order), UInt64(Self.maxEntries)))
        default:
            return nil
        }
    }

    /// Reads an entry.
    ///
    /// - Parameters:
    ///   - index: which one, `0..<readableCount`.
    ///   - block: where the structure stands in the file.
    ///   - reader: the file.
    /// - Returns: the entry, or `nil` when the structure ends before it does.
    /// - Throws: as the reader does.
    func entry<Source: ImageSource>(
        _ index: Int,
        in block: Extents,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Entry? {
        let entryBytes = isBig ? 20 : 12
        let start = offset &+ (isBig ? 8 : 2) &+ UInt64(index * entryBytes)
        guard start > offset, let bytes = try block.bytes(at: start, count: entryBytes, &reader)
        else { return nil }
        let count = isBig ? UInt64(bytes[4..<12], order) : UInt64(UInt32(bytes[4..<8], order))
        return Entry(
            tag: UInt16(bytes[0..<2], order),
            type: UInt16(bytes[2..<4], order),
            count: count,
            field: Array(bytes[(isBig ? 12 : 8)...])
        )
    }

    /// Reads the first bytes of an entry whose values are bytes.
    ///
    /// - Parameters:
    ///   - entry: an entry of this directory.
    ///   - maxBytes: how many to read at most.
    ///   - block: where the structure stands in the file.
    ///   - reader: the file.
    /// - Returns: the bytes, or `nil` when the entry has none or points out of the structure.
    /// - Throws: as the reader does.
    func leadingBytes<Source: ImageSource>(
        of entry: Entry,
        maxBytes: Int,
        in block: Extents,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> [UInt8]? {
        guard entry.count > 0 else { return nil }
        let wanted = Int(min(entry.count, UInt64(maxBytes)))
        if entry.count <= UInt64(entry.field.count) { return Array(entry.field[..<wanted]) }
        let place = UInt64(entry.field[...], order)
        return try block.bytes(at: place, count: wanted, &reader)
    }
}

extension TIFFDirectory.Entry {
    /// The first value of a number field, or `nil` when the type is not one of whole numbers.
    ///
    /// - Parameter order: the directory's byte order.
    /// - Returns: the value; `nil` also when it is over 2³² - 1, which is no side of an image.
    func number(_ order: ByteOrder) -> UInt32? {
        guard count > 0 else { return nil }
        return switch type {
        case 1: UInt32(field[0])
        case 3: UInt32(UInt16(field[..<2], order))
        case 4: UInt32(field[..<4], order)
        // LONG8 of BigTIFF, whose fields are wide enough.
        case 16 where field.count == 8: UInt32(exactly: UInt64(field[...], order))
        default: nil
        }
    }
}
