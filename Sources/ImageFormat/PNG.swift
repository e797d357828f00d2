/// Reads PNG headers: Portable Network Graphics (third edition), W3C.
///
/// APNG is PNG.
package enum PNG {
    /// Bytes of the signature (§5.2).
    static let signatureBytes: UInt64 = 8

    /// Bytes of a chunk besides its data: length, type, CRC (§5.3).
    static let chunkOverheadBytes: UInt64 = 12

    /// The largest length and the largest side (§5.3, §11.2.1): 2³¹ - 1.
    static let maxInteger: UInt32 = 0x7FFF_FFFF

    /// Chunks looked at for `eXIf`, at one read each.
    ///
    /// Encoders that use libpng cut image data into chunks of 8 KiB, so that this reaches the end
    /// of images of 512 MiB; an image with more is kept without a camera.
    package static let maxChunks = 65_536

    /// Reads the header chunk, then looks for EXIF.
    ///
    /// - Parameter reader: a file that begins with the signature.
    /// - Returns: the size that `IHDR` gives.
    /// - Throws: `.damaged` when `IHDR` is not whole, not first or out of range.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        // §11.2.1: 13 bytes of data, of which width and height are the first eight.
        let header = signatureBytes
        let length: UInt32 = try reader.integer(at: header, .big)
        guard try reader.fourCC(at: header + 4) == "IHDR", length == 13 else {
            throw .damaged(reason: "The PNG does not begin with an IHDR chunk.", offset: header)
        }
        let width: UInt32 = try reader.integer(at: header + 8, .big)
        let height: UInt32 = try reader.integer(at: header + 12, .big)
        let end = header + chunkOverheadBytes + UInt64(length)
        let _: UInt8 = try reader.integer(at: end - 1, .big)
        guard width <= maxInteger, height <= maxInteger else {
            throw .damaged(reason: "The PNG's width or height is over 2^31 - 1.", offset: header)
        }
        return ImageHeader(
            width: width,
            height: height,
            exif: try findEXIF(from: end, &reader)
        )
    }

    /// Walks the chunks to the first `eXIf`, before or after the image data.
    ///
    /// Whatever breaks the grammar here ends the search and not the image: a file whose image data
    /// is cut or is filler is still an image.
    private static func findEXIF<Source: ImageSource>(
        from start: UInt64,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> Extents? {
        var offset = start
        for _ in 0..<maxChunks {
            guard let head = try reader.bytesIfPresent(at: offset, count: 8) else { return nil }
            let length = UInt32(head[..<4], .big)
            let name = FourCC(code: UInt32(head[4...], .big))
            guard length <= maxInteger, name.isAlphabetic, name != "IEND" else { return nil }
            if name == "eXIf" {
                return Extents(offset + 8..<offset + 8 + UInt64(length))
            }
            offset += chunkOverheadBytes + UInt64(length)
        }
        return nil
    }
}
