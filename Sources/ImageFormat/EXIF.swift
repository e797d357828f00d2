internal import Bytes

/// Finds the camera in an EXIF block, wherever in a file the block stands.
///
/// libexif is not given the block as it came. Its cost is not linear in the size of a hostile
/// block, it looks at only 65,534 bytes of one, and it follows makers' notes, thumbnails and nested
/// directories, none of which is wanted here. So the first directory is walked here, within a
/// bound, the two tags are copied into a new block of a few hundred bytes, and libexif reads that
/// one. This way a TIFF whose directory is gigabytes away and a BigTIFF are read like any other
/// EXIF.
package enum EXIF {
    /// Bytes of UTF-8 kept of a make or a model; the rest is cut off.
    ///
    /// The longest model seen among real photographs has 33 bytes; some cameras pad theirs with
    /// blanks.
    package static let maxTextBytes = 256

    /// Bytes copied of a value: `maxTextBytes` and one scalar more, so that a scalar that the copy
    /// cuts in two lies wholly behind the part that is kept.
    package static let maxValueBytes = maxTextBytes + 4

    /// The camera's two tags (TIFF 6.0 §8; Exif 3.0 §4.6.4).
    enum Tag: UInt16, CaseIterable, Sendable {
        case make = 0x010F
        case model = 0x0110
    }

    /// Types whose values are text.
    ///
    /// Any other type is not a camera's name.
    private enum TextType {
        static let ascii: UInt16 = 2
        /// New in Exif 3.0 §4.6.2; the bytes stand as in ASCII.
        static let utf8: UInt16 = 129
    }

    /// A tag with the bytes of its value.
    struct Value: Equatable, Sendable {
        var tag: Tag
        var bytes: [UInt8]
    }

    /// Tells the camera.
    ///
    /// - Parameters:
    ///   - block: where the EXIF data stands; with or without `Exif\0\0` before its TIFF header.
    ///   - reader: the file.
    /// - Returns: `nil` when the block names no model or is broken; broken EXIF is no broken image.
    /// - Throws: `.needMoreData`; `.damaged` when the budget is spent; `.sourceFailed`.
    static func camera<Source: ImageSource>(
        in block: Extents,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Camera? {
        var block = block
        let identifier = JPEG.exifIdentifier
        if try block.bytes(at: 0, count: identifier.count, &reader) == identifier {
            block = block.dropping(UInt64(identifier.count))
        }
        guard let directory = try TIFFDirectory(firstIn: block, &reader) else { return nil }
        var values: [Value] = []
        for index in 0..<directory.readableCount where values.count < Tag.allCases.count {
            guard let entry = try directory.entry(index, in: block, &reader) else { break }
            guard let tag = Tag(rawValue: entry.tag),
                entry.type == TextType.ascii || entry.type == TextType.utf8,
                // A tag given twice counts once, as libexif has it.
                !values.contains(where: { $0.tag == tag })
            else { continue }
            let bytes = try directory.leadingBytes(
                of: entry,
                maxBytes: maxValueBytes,
                in: block,
                &reader
            )
            if let bytes { values.append(Value(tag: tag, bytes: bytes)) }
        }
        guard values.contains(where: { $0.tag == .model }) else { return nil }
        let names = readNames(fromBlock: makeBlock(values))
        guard let model = names.model.flatMap(text) else { return nil }
        return Camera(make: names.make.flatMap(text), model: model)
    }

    /// Builds a block that holds some tags and nothing else.
    ///
    /// `[Exif\0\0]["II"][42: u16][8: u32][count: u16][entries: 12 each][0: u32][values]`, all
    /// little-endian, offsets from `II` (Exif 3.0 §4.5, §4.7.2).
    ///
    /// - Parameter values: the tags, each once, with at least one byte of value.
    /// - Returns: the block, as libexif takes it.
    static func makeBlock(_ values: [Value]) -> [UInt8] {
        let headerBytes = 8
        let valuesStart = headerBytes + 2 + 12 * values.count + 4
        var block = JPEG.exifIdentifier + [0x49, 0x49]
        block.appendLittleEndian(UInt16(42))
        block.appendLittleEndian(UInt32(headerBytes))
        block.appendLittleEndian(UInt16(values.count))
        var heap: [UInt8] = []
        for value in values.sorted(by: { $0.tag.rawValue < $1.tag.rawValue }) {
            block.appendLittleEndian(value.tag.rawValue)
            block.appendLittleEndian(TextType.ascii)
            block.appendLittleEndian(UInt32(value.bytes.count))
            if value.bytes.count <= 4 {
                block += value.bytes + [UInt8](repeating: 0, count: 4 - value.bytes.count)
            } else {
                block.appendLittleEndian(UInt32(valuesStart + heap.count))
                heap += value.bytes
            }
        }
        block.appendLittleEndian(UInt32(0))
        return block + heap
    }

    /// Makes text of a value as it was stored.
    ///
    /// White space and NULs around it are left out, and so is everything from a NUL within it on:
    /// some cameras leave what an earlier, longer name left behind (`ION230\0F`). Bytes that are
    /// not UTF-8 become U+FFFD each, since no other encoding can be told from the bytes.
    ///
    /// - Parameter bytes: the value.
    /// - Returns: at most `maxTextBytes` of UTF-8, or `nil` when nothing is left.
    static func text(_ bytes: [UInt8]) -> String? {
        let meaning = bytes.drop { isPadding($0) }.prefix { $0 != 0 }
        var scalars = String(decoding: meaning, as: UTF8.self).unicodeScalars
        var excess = String(scalars).utf8.count - maxTextBytes
        while excess > 0, let last = scalars.popLast() { excess -= UTF8.width(last) }
        while let last = scalars.last, last.isASCII, isPadding(UInt8(last.value)) {
            scalars.removeLast()
        }
        return scalars.isEmpty ? nil : String(scalars)
    }

    /// ASCII white space, and NUL.
    private static func isPadding(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00, 0x09...0x0D, 0x20: true
        default: false
        }
    }
}
