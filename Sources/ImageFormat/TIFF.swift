/// Reads TIFF headers: TIFF 6.0, and BigTIFF with its 64-bit offsets.
package enum TIFF {
    /// The tags that give the size (TIFF 6.0 §8).
    package enum Tag {
        package static let imageWidth: UInt16 = 256
        package static let imageLength: UInt16 = 257
    }

    /// Reads width and height from the first directory, which is that of the main image.
    ///
    /// EXIF's make and model are tags of the same directory: the whole file is the EXIF block.
    ///
    /// - Parameter reader: a file that begins with a TIFF header.
    /// - Returns: the size that the first directory gives.
    /// - Throws: `.damaged` when there is no such directory, it is cut, or it gives no size.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let file = Extents.toEnd(from: 0)
        guard let directory = try TIFFDirectory(firstIn: file, &reader) else {
            throw .damaged(reason: "The TIFF has no first directory.", offset: 0)
        }
        var width: UInt32?
        var height: UInt32?
        for index in 0..<directory.readableCount {
            guard let entry = try directory.entry(index, in: file, &reader) else {
                throw .endsInsideHeader(at: directory.offset)
            }
            switch entry.tag {
            case Tag.imageWidth: width = width ?? entry.number(directory.order)
            case Tag.imageLength: height = height ?? entry.number(directory.order)
            default: continue
            }
        }
        guard let width, let height else {
            throw .damaged(
                reason: "The TIFF's first directory gives no width and height.",
                offset: directory.offset
            )
        }
        return ImageHeader(width: width, height: height, exif: file)
    }
}
