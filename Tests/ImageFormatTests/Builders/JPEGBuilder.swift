/// Writes the pieces of JPEG files.
enum JPEGBuilder {
    static let startOfImage: [UInt8] = [0xFF, 0xD8]

    /// A start of scan and some image data, with the end of the image.
    static let scan: [UInt8] =
        segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD9]

    /// A segment with a length.
    static func segment(_ code: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, code] + bigEndian(UInt16(content.count + 2)) + content
    }

    /// A frame header of one component.
    static func frame(_ width: UInt16, _ height: UInt16, code: UInt8 = 0xC0) -> [UInt8] {
        segment(code, [8] + bigEndian(height) + bigEndian(width) + [1, 1, 0x11, 0])
    }

    /// The EXIF segment.
    static func exif(_ builder: TIFFBuilder) -> [UInt8] {
        segment(0xE1, Array("Exif\0\0".utf8) + builder.encode())
    }

    static let jfif = segment(0xE0, Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 0, 0])
    static let xmp = segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x/>".utf8))
    static let comment = segment(0xFE, Array("made with care".utf8))
    static let quantisationTable = segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
    static let huffmanTable = segment(0xC4, zeros(17))

    /// A whole file with some segments before its frame.
    static func file(_ segments: [UInt8]..., frame: [UInt8] = frame(64, 48)) -> [UInt8] {
        startOfImage + segments.flatMap { $0 } + frame + scan
    }
}
