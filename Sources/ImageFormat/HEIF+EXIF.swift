/// The EXIF item of a file: `iinf` names it, `iloc` says where it stands (ISO/IEC 23008-12 §A.2).
extension HEIF {
    /// Pieces that the EXIF item may be cut into.
    ///
    /// Writers use one.
    package static let maxExtents = 64

    /// Finds the first item of type `Exif`.
    ///
    /// A file with several pictures may have several; cameras write the primary item's first.
    /// Whatever breaks the grammar of these boxes costs the camera's name and not the image.
    ///
    /// - Parameters:
    ///   - meta: the boxes of `meta`.
    ///   - reader: the file.
    /// - Returns: where the EXIF block stands, if there is one.
    /// - Throws: `.needMoreData` and `.sourceFailed`.
    static func findEXIF<Source: ImageSource>(
        in meta: Meta,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Extents? {
        guard let itemInfo = meta.itemInfo, let itemLocation = meta.itemLocation else { return nil }
        do throws(ImageFormatError) {
            guard let id = try findEXIFItem(itemInfo, &reader),
                let item = try locate(id, itemLocation, idat: meta.itemData, &reader),
                // §A.2.1: the item begins with the offset of the TIFF header, counted from behind
                // it.
                let head = try item.bytes(at: 0, count: 4, &reader)
            else { return nil }
            return item.dropping(4 + UInt64(UInt32(head[...], .big)))
        } catch {
            switch error {
            case .damaged, .unsupported: return nil
            case .needMoreData, .sourceFailed: throw error
            }
        }
    }

    /// 14496-12 §8.11.6: `[version: u8][flags: u24][count: u16, or u32 from version 1]`, then
    /// `infe` boxes: `[version: u8][flags: u24][id: u16, or u32 from version 3][protection:
    /// u16][type: 4]`.
    ///
    /// Versions below 2 have no type.
    private static func findEXIFItem<Source: ImageSource>(
        _ content: Range<UInt64>,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> UInt32? {
        let version: UInt8 = try reader.integer(at: content.lowerBound, .big)
        let start = content.lowerBound + (version == 0 ? 6 : 8)
        var entries = ISOBoxes(
            in: min(start, content.upperBound)..<content.upperBound,
            maxCount: maxItems
        )
        while let entry = try entries.next(&reader) {
            guard entry.type == "infe" else { continue }
            let offset = entry.content.lowerBound
            let entryVersion: UInt8 = try reader.integer(at: offset, .big)
            guard entryVersion >= 2 else { continue }
            let isWide = entryVersion >= 3
            if try reader.fourCC(at: offset + (isWide ? 10 : 8)) == "Exif" {
                return try itemID(at: offset + 4, isWide: isWide, &reader)
            }
        }
        return nil
    }

    /// How `iloc` writes its numbers (14496-12 §8.11.3): three sizes in bytes, each 0, 4 or 8, and
    /// a fourth from version 1 on.
    private struct LocationLayout {
        let version: UInt8
        let offsetBytes: UInt64
        let lengthBytes: UInt64
        let baseOffsetBytes: UInt64
        let indexBytes: UInt64

        var isWide: Bool { version >= 2 }
        var extentBytes: UInt64 { indexBytes + offsetBytes + lengthBytes }

        init?(version: UInt8, sizes: UInt16) {
            self.version = version
            offsetBytes = UInt64(sizes >> 12)
            lengthBytes = UInt64(sizes >> 8 & 0xF)
            baseOffsetBytes = UInt64(sizes >> 4 & 0xF)
            indexBytes = version == 0 ? 0 : UInt64(sizes & 0xF)
            let known: Set<UInt64> = [0, 4, 8]
            guard version <= 2,
                known.isSuperset(of: [offsetBytes, lengthBytes, baseOffsetBytes, indexBytes])
            else { return nil }
        }
    }

    /// Finds where an item stands: `[version: u8][flags: u24][sizes: u16][count: u16, or u32 in
    /// version 2]`, then for each item `[id][construction method: u16 from version 1][data
    /// reference: u16] [base offset][extent count: u16]` and its extents `[index][offset][length]`.
    private static func locate<Source: ImageSource>(
        _ item: UInt32,
        _ content: Range<UInt64>,
        idat: Range<UInt64>?,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Extents? {
        let version: UInt8 = try reader.integer(at: content.lowerBound, .big)
        let sizes: UInt16 = try reader.integer(at: content.lowerBound + 4, .big)
        guard let layout = LocationLayout(version: version, sizes: sizes) else { return nil }
        var offset = content.lowerBound + 6
        let count = try itemID(at: offset, isWide: layout.isWide, &reader)
        offset += layout.isWide ? 4 : 2
        for _ in 0..<min(count, UInt32(maxItems)) {
            guard offset < content.upperBound else { return nil }
            let id = try itemID(at: offset, isWide: layout.isWide, &reader)
            offset += layout.isWide ? 4 : 2
            var method: UInt16 = 0
            if layout.version > 0 {
                method = try reader.integer(at: offset, .big, as: UInt16.self) & 0xF
                offset += 2
            }
            let dataReference: UInt16 = try reader.integer(at: offset, .big)
            offset += 2
            let baseOffset = try number(at: offset, bytes: layout.baseOffsetBytes, &reader)
            offset += layout.baseOffsetBytes
            let extentCount: UInt16 = try reader.integer(at: offset, .big)
            offset += 2
            if id == item {
                // Data in other files, and in other items, is not looked for.
                guard dataReference == 0, extentCount <= maxExtents else { return nil }
                let place: Range<UInt64>? =
                    switch method {
                    case 0: 0..<UInt64.max
                    case 1: idat
                    default: nil
                    }
                guard let place else { return nil }
                return try extents(
                    at: offset,
                    count: extentCount,
                    layout,
                    baseOffset,
                    within: place,
                    &reader
                )
            }
            offset += UInt64(extentCount) * layout.extentBytes
        }
        return nil
    }

    private static func extents<Source: ImageSource>(
        at start: UInt64,
        count: UInt16,
        _ layout: LocationLayout,
        _ baseOffset: UInt64,
        within place: Range<UInt64>,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Extents? {
        var pieces: [Range<UInt64>] = []
        var offset = start
        for _ in 0..<count {
            offset += layout.indexBytes
            let from = try number(at: offset, bytes: layout.offsetBytes, &reader)
            offset += layout.offsetBytes
            let length = try number(at: offset, bytes: layout.lengthBytes, &reader)
            offset += layout.lengthBytes
            let (relative, overflow) = baseOffset.addingReportingOverflow(from)
            guard !overflow, relative <= place.count64 else { return nil }
            let lower = place.lowerBound + relative
            let room = place.upperBound - lower
            // A length of 0, or none, stands for all that there is.
            guard length <= room else { return nil }
            pieces.append(lower..<lower + (length == 0 ? room : length))
        }
        return pieces.isEmpty ? nil : Extents(pieces)
    }

    private static func number<Source: ImageSource>(
        at offset: UInt64,
        bytes: UInt64,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> UInt64 {
        switch bytes {
        case 4: UInt64(try reader.integer(at: offset, .big, as: UInt32.self))
        case 8: try reader.integer(at: offset, .big)
        default: 0
        }
    }
}
