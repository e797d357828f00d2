/// Reads GIF headers: GIF87a and GIF89a.
///
/// GIF carries no EXIF.
package enum GIF {
    /// Bytes of the signature and version (GIF89a §17).
    package static let signatureBytes: UInt64 = 6

    /// Bytes of the logical screen descriptor (§18).
    package static let screenDescriptorBytes: UInt64 = 7

    /// Reads the logical screen descriptor, which begins with width and height.
    ///
    /// - Parameter reader: a file that begins with the signature.
    /// - Returns: the size of the logical screen, on which all frames are drawn.
    /// - Throws: `.damaged` when the file ends within the descriptor.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let _: UInt8 = try reader.integer(at: signatureBytes + screenDescriptorBytes - 1, .little)
        let width: UInt16 = try reader.integer(at: signatureBytes, .little)
        let height: UInt16 = try reader.integer(at: signatureBytes + 2, .little)
        return ImageHeader(width: UInt32(width), height: UInt32(height), exif: nil)
    }
}
