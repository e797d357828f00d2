internal import Bytes
internal import ImageFormat

extension ParserCase {
    /// What an upload's first look reads: format, size and camera.
    static var imageHeaders: [ParserCase] {
        [
            header("image-jpeg-exif", jpeg),
            header("image-png", png),
            header("image-heif-exif", heif),
        ]
    }

    private static func header(_ name: String, _ bytes: [UInt8]) -> ParserCase {
        ParserCase(name: name, countedRuns: 500) {
            Work {
                var source = ArrayImageSource(bytes, isComplete: true)
                let description = try ImageInspector.inspect(&source)
                guard description.width == width, description.height == height else {
                    throw ParserCaseError(description: "\(name): \(description)")
                }
                return Int(description.width) + (description.camera?.name.utf8.count ?? 0)
            }
        }
    }

    private static let width: UInt32 = 4_080
    private static let height: UInt32 = 3_072

    /// An EXIF block as a camera begins it: make, model, and a directory (TIFF 6.0 section 2).
    private static var exif: [UInt8] {
        let texts = [(tag: UInt16(0x010F), text: "Google\0"), (tag: 0x0110, text: "Pixel 6a\0")]
        var heap: [UInt8] = []
        var bytes = Array("II".utf8)
        bytes.appendLittleEndian(UInt16(42))
        bytes.appendLittleEndian(UInt32(8))
        bytes.appendLittleEndian(UInt16(texts.count))
        // The texts stand behind the directory: a count, two entries of 12 bytes, and a link.
        let heapOffset = 8 + 2 + texts.count * 12 + 4
        for (tag, text) in texts {
            bytes.appendLittleEndian(tag)
            bytes.appendLittleEndian(UInt16(2))
            bytes.appendLittleEndian(UInt32(text.utf8.count))
            bytes.appendLittleEndian(UInt32(heapOffset + heap.count))
            heap += Array(text.utf8)
        }
        bytes.appendLittleEndian(UInt32(0))
        return bytes + heap
    }

    /// Segments in the order of real cameras (ISO/IEC 10918-1 annex B).
    private static var jpeg: [UInt8] {
        func segment(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = [0xFF, code]
            bytes.appendBigEndian(UInt16(content.count + 2))
            return bytes + content
        }
        var frame: [UInt8] = [8]
        frame.appendBigEndian(UInt16(height))
        frame.appendBigEndian(UInt16(width))
        frame += [1, 1, 0x11, 0]
        return [0xFF, 0xD8] + segment(0xE1, Array("Exif\0\0".utf8) + exif)
            + segment(0xDB, [0] + [UInt8](repeating: 1, count: 64)) + segment(0xC0, frame)
            + segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0x12, 0x34, 0xFF, 0xD9]
    }

    /// A header, the colours' space, and data (PNG specification section 11).
    private static var png: [UInt8] {
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(UInt32(content.count))
            bytes += Array(name.utf8) + content
            bytes.appendBigEndian(CRC32C.checksum(content.span))
            return bytes
        }
        var header: [UInt8] = []
        header.appendBigEndian(width)
        header.appendBigEndian(height)
        header += [8, 2, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("sRGB", [0]) + chunk("IDAT", [UInt8](repeating: 0xA5, count: 4_096))
            + chunk("IEND", [])
    }

    /// A primary item with its size, and one with EXIF (ISO/IEC 23008-12).
    private static var heif: [UInt8] {
        let exifItem: [UInt8] = [0, 0, 0, 0] + exif
        let type = box("ftyp", Array("heic\0\0\0\0mif1heic".utf8))
        // Where the media data stands depends on the size of `meta`, and that on no value in it.
        let offset = type.count + meta(exifAt: 0, count: exifItem.count).count + 8
        return type + meta(exifAt: offset, count: exifItem.count)
            + box("mdat", exifItem + [UInt8](repeating: 0, count: 4_096))
    }

    private static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt32(content.count + 8))
        return bytes + Array(type.utf8) + content
    }

    private static func fullBox(_ type: String, _ version: UInt8, _ content: [UInt8]) -> [UInt8] {
        box(type, [version, 0, 0, 0] + content)
    }

    private static func meta(exifAt offset: Int, count: Int) -> [UInt8] {
        var size: [UInt8] = []
        size.appendBigEndian(width)
        size.appendBigEndian(height)
        let items =
            fullBox("infe", 2, [0, 1, 0, 0] + Array("hvc1\0".utf8))
            + fullBox("infe", 2, [0, 2, 0, 0] + Array("Exif\0".utf8))
        // Offsets and lengths of four bytes, no base; one item with one extent.
        var location: [UInt8] = [0x44, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 1]
        location.appendBigEndian(UInt32(offset))
        location.appendBigEndian(UInt32(count))
        let properties =
            box("ipco", fullBox("ispe", 0, size))
            + fullBox("ipma", 0, [0, 0, 0, 1, 0, 1, 1, 0x81])
        let handler = [0, 0, 0, 0] + Array("pict".utf8) + [UInt8](repeating: 0, count: 13)
        return fullBox(
            "meta",
            0,
            fullBox("hdlr", 0, handler) + fullBox("pitm", 0, [0, 1])
                + fullBox("iinf", 0, [0, 2] + items) + box("iprp", properties)
                + fullBox("iloc", 1, location)
        )
    }
}
