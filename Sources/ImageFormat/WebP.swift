/// Reads WEBP headers: RFC 9649 (container and lossless format), RFC 6386 (the lossy format).
package enum WebP {
    /// Bytes of `RIFF`, the size, and `WEBP` (RFC 9649 §2.4).
    static let fileHeaderBytes: UInt64 = 12

    /// Bytes of a chunk before its data: name and size (§2.3).
    static let chunkHeaderBytes: UInt64 = 8

    /// Chunks looked at for `EXIF`.
    ///
    /// An animation has one a frame; this is nine minutes of them at 30 a second. An image with
    /// more is kept without a camera.
    package static let maxChunks = 16_384

    /// Reads the first chunk, which gives the size and says which kind of file it is.
    ///
    /// - Parameter reader: a file that begins with the RIFF header.
    /// - Returns: the size of the canvas.
    /// - Throws: `.damaged` when the first chunk is none that gives a size, or is cut.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let name = try reader.fourCC(at: fileHeaderBytes)
        let size: UInt32 = try reader.integer(at: fileHeaderBytes + 4, .little)
        let data = fileHeaderBytes + chunkHeaderBytes
        switch name {
        case "VP8 ": return try lossy(at: data, size: size, &reader)
        case "VP8L": return try lossless(at: data, size: size, &reader)
        case "VP8X": return try extended(at: data, size: size, &reader)
        default:
            throw .damaged(reason: "The WEBP does not begin with an image chunk.", offset: data)
        }
    }

    /// RFC 6386 §9.1: three bytes of frame tag, the start code, then 14 bits each of width and
    /// height below two bits of scale.
    ///
    /// Only a key frame has them, which the lowest bit of the tag says.
    private static func lossy<Source: ImageSource>(
        at data: UInt64,
        size: UInt32,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let head = try reader.bytes(at: data, count: 10)
        guard size >= 10, head[0] & 1 == 0, head[3...5] == [0x9D, 0x01, 0x2A] else {
            throw .damaged(reason: "The WEBP does not begin with a key frame.", offset: data)
        }
        return ImageHeader(
            width: UInt32(UInt16(head[6..<8], .little) & 0x3FFF),
            height: UInt32(UInt16(head[8..<10], .little) & 0x3FFF),
            exif: nil
        )
    }

    /// RFC 9649 §3, the RIFF header of the lossless format: the signature byte, then 14 bits each
    /// of width and height, less one.
    private static func lossless<Source: ImageSource>(
        at data: UInt64,
        size: UInt32,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let head = try reader.bytes(at: data, count: 5)
        guard size >= 5, head[0] == 0x2F else {
            throw .damaged(reason: "The WEBP's lossless header is not one.", offset: data)
        }
        let bits = UInt32(head[1..<5], .little)
        return ImageHeader(
            width: (bits & 0x3FFF) + 1,
            height: (bits >> 14 & 0x3FFF) + 1,
            exif: nil
        )
    }

    /// RFC 9649 §2.7: flags, 24 reserved bits, then 24 bits each of canvas width and height, less
    /// one.
    private static func extended<Source: ImageSource>(
        at data: UInt64,
        size: UInt32,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let head = try reader.bytes(at: data, count: 10)
        guard size >= 10 else {
            throw .damaged(reason: "The WEBP's extended header is too short.", offset: data)
        }
        return ImageHeader(
            width: UInt32(head[4..<7], .little) + 1,
            height: UInt32(head[7..<10], .little) + 1,
            exif: try findEXIF(from: data + padded(size), &reader)
        )
    }

    /// Walks the chunks to `EXIF` (§2.7), which stands at the end.
    ///
    /// The flag in the header is not asked: a writer that added the chunk and forgot the flag has
    /// named its camera all the same. Whatever breaks the grammar ends the search only.
    private static func findEXIF<Source: ImageSource>(
        from start: UInt64,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Extents? {
        // §2.4: the RIFF size counts from behind itself, and what follows is not part of the image.
        let riffSize: UInt32 = try reader.integer(at: 4, .little)
        let end = 8 + UInt64(riffSize)
        var offset = start
        for _ in 0..<maxChunks where offset + chunkHeaderBytes <= end {
            guard let head = try reader.bytesIfPresent(at: offset, count: 8) else { return nil }
            let size = UInt32(head[4...], .little)
            offset += chunkHeaderBytes
            if FourCC(code: UInt32(head[..<4], .big)) == "EXIF" {
                return Extents(offset..<offset + UInt64(size))
            }
            offset += padded(size)
        }
        return nil
    }

    /// §2.3: a chunk of odd size is followed by one byte that does not count.
    private static func padded(_ size: UInt32) -> UInt64 { (UInt64(size) + 1) & ~1 }
}
