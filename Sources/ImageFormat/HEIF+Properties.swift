/// The size of an item: `iprp` holds a list of properties (`ipco`) and says which belong to which
/// item (`ipma`); the size is the property `ispe` (ISO/IEC 23008-12 §6.5.3, §9.3).
extension HEIF {
    /// Reads the size of an item.
    ///
    /// - Parameters:
    ///   - item: the item's id.
    ///   - content: the content of `iprp`.
    ///   - reader: the file.
    /// - Returns: the size that the item's `ispe` gives.
    /// - Throws: `.damaged` when it has none, or a box is cut.
    static func readSize<Source: ImageSource>(
        of item: UInt32,
        _ content: Range<UInt64>,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> (width: UInt32, height: UInt32) {
        var container: ISOBox?
        var indices: Set<UInt16>?
        var itemsLeft = maxItems
        var boxes = ISOBoxes(in: content, maxCount: maxBoxes)
        while let box = try boxes.next(&reader) {
            switch box.type {
            case "ipco": container = container ?? box
            case "ipma":
                // An item stands once in all the lists together (§9.3.1).
                guard indices == nil else { continue }
                indices = try findProperties(of: item, box.content, &itemsLeft, &reader)
            default: continue
            }
        }
        if let container, let indices {
            var properties = ISOBoxes(in: container.content, maxCount: maxBoxes)
            // Properties are counted from 1; an association with 0 is one with nothing.
            var index: UInt16 = 0
            while let property = try properties.next(&reader) {
                index += 1
                guard property.type == "ispe", indices.contains(index) else { continue }
                let start = property.content.lowerBound
                guard property.content.count64 >= 12 else {
                    throw .damaged(reason: "The item's 'ispe' box is too short.", offset: start)
                }
                return (
                    width: try reader.integer(at: start + 4, .big),
                    height: try reader.integer(at: start + 8, .big)
                )
            }
        }
        throw .damaged(
            reason: "The primary item has no 'ispe' property, which gives the size.",
            offset: content.lowerBound
        )
    }

    /// Finds the properties that `ipma` associates with an item (§9.3.2).
    ///
    /// `[version: u8][flags: u24][count: u32]`, then for each item `[id: u16, or u32 from version
    /// 1][count: u8][associations: u8 each, or u16 with flag 1]`; the highest bit of an association
    /// says that the property is essential.
    private static func findProperties<Source: ImageSource>(
        of item: UInt32,
        _ content: Range<UInt64>,
        _ itemsLeft: inout Int,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Set<UInt16>? {
        let head: UInt32 = try reader.integer(at: content.lowerBound, .big)
        let isWide = head >> 24 > 0
        let associationBytes: UInt64 = head & 1 == 1 ? 2 : 1
        let count: UInt32 = try reader.integer(at: content.lowerBound + 4, .big)
        guard count <= itemsLeft else {
            throw .damaged(reason: "The file has too many items.", offset: content.lowerBound)
        }
        itemsLeft -= Int(count)
        var offset = content.lowerBound + 8
        for _ in 0..<count {
            guard offset < content.upperBound else {
                throw .damaged(reason: "The 'ipma' box is too short.", offset: offset)
            }
            let id = try itemID(at: offset, isWide: isWide, &reader)
            offset += isWide ? 4 : 2
            let associations: UInt8 = try reader.integer(at: offset, .big)
            offset += 1
            if id == item {
                var indices: Set<UInt16> = []
                for place in 0..<UInt64(associations) {
                    let at = offset + place * associationBytes
                    if associationBytes == 2 {
                        let wide: UInt16 = try reader.integer(at: at, .big)
                        indices.insert(wide & 0x7FFF)
                    } else {
                        let narrow: UInt8 = try reader.integer(at: at, .big)
                        indices.insert(UInt16(narrow & 0x7F))
                    }
                }
                return indices
            }
            offset += UInt64(associations) * associationBytes
        }
        return nil
    }
}
