/// Reads BMP headers: Windows and OS/2 device-independent bitmaps.
///
/// BMP carries no EXIF.
package enum BMP {
    /// Bytes of BITMAPFILEHEADER, which begins with `BM`; the information header follows.
    package static let fileHeaderBytes = 14

    /// Bytes that tell a bitmap from other files that begin with `BM`: up to the second header's
    /// size.
    static let signatureBytes = 18

    /// The information headers, told apart by their size, which is their first field.
    enum Variant: Sendable {
        /// BITMAPCOREHEADER: 16-bit unsigned width and height.
        case core
        /// BITMAPINFOHEADER and all that begin like it: 32-bit signed width and height.
        case info

        /// Recognises a header.
        ///
        /// - Parameter headerBytes: the size that the header gives.
        init?(headerBytes: UInt32) {
            switch headerBytes {
            case 12: self = .core
            // OS/2 2.x short and whole; Windows 3 to 5, with and without the masks of versions 2
            // and 3.
            case 16, 64, 40, 52, 56, 108, 124: self = .info
            default: return nil
            }
        }
    }

    /// Reads the information header.
    ///
    /// - Parameter reader: a file that begins with `BM` and the size of a known header.
    /// - Returns: the size of the bitmap.
    /// - Throws: `.damaged` when the header is cut or the width is negative.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let start = UInt64(fileHeaderBytes)
        let headerBytes: UInt32 = try reader.integer(at: start, .little)
        guard let variant = Variant(headerBytes: headerBytes) else {
            throw .damaged(reason: "The BMP's header has an unknown size.", offset: start)
        }
        let _: UInt8 = try reader.integer(at: start + UInt64(headerBytes) - 1, .little)
        switch variant {
        case .core:
            let width: UInt16 = try reader.integer(at: start + 4, .little)
            let height: UInt16 = try reader.integer(at: start + 6, .little)
            return ImageHeader(width: UInt32(width), height: UInt32(height), exif: nil)
        case .info:
            let width: UInt32 = try reader.integer(at: start + 4, .little)
            let height: UInt32 = try reader.integer(at: start + 8, .little)
            guard let signedWidth = Int32(exactly: width) else {
                throw .damaged(reason: "The BMP's width is negative.", offset: start + 4)
            }
            // A negative height says that the rows stand from top to bottom.
            return ImageHeader(
                width: UInt32(signedWidth),
                height: Int32(bitPattern: height).magnitude,
                exif: nil
            )
        }
    }
}
