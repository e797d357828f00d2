import Bytes

/// Writes WEBP files.
enum WebPBuilder {
    /// A chunk with its padding; the size may claim to be another one.
    static func chunk(_ name: String, _ data: [UInt8], size: UInt32? = nil) -> [UInt8] {
        Array(name.utf8) + littleEndian(size ?? UInt32(data.count)) + data + zeros(data.count % 2)
    }

    /// The whole file; the size may claim to be another one.
    static func file(_ chunks: [UInt8]..., size: UInt32? = nil) -> [UInt8] {
        let content = Array("WEBP".utf8) + chunks.flatMap { $0 }
        return Array("RIFF".utf8) + littleEndian(size ?? UInt32(content.count)) + content
    }

    /// A lossy image's chunk.
    static func lossy(_ width: UInt16, _ height: UInt16, tag: UInt8 = 0x30) -> [UInt8] {
        let head = [tag, 1, 0, 0x9D, 0x01, 0x2A] + littleEndian(width) + littleEndian(height)
        return chunk("VP8 ", head + zeros(7))
    }

    /// A lossless image's chunk.
    static func lossless(_ width: UInt32, _ height: UInt32) -> [UInt8] {
        chunk("VP8L", [0x2F] + littleEndian(width - 1 | (height - 1) << 14) + zeros(6))
    }

    /// The chunk of an extended file.
    static func extended(_ width: UInt32, _ height: UInt32, flags: UInt8 = 0x08) -> [UInt8] {
        let sides = littleEndian(width - 1).prefix(3) + littleEndian(height - 1).prefix(3)
        return chunk("VP8X", [flags, 0, 0, 0] + sides)
    }

    static let exif = chunk("EXIF", TIFFBuilder.camera().encode())
}
