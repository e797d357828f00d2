/// Image sequences without a still image: the size is that of the first track which has one
/// (ISO/IEC 23008-12 §7; 14496-12 §8.3.2).
extension HEIF {
    /// Tracks looked at.
    ///
    /// Sequences have one for the pictures, one for thumbnails, one for alpha.
    package static let maxTracks = 64

    /// Reads the size of the first track that has one.
    ///
    /// - Parameters:
    ///   - content: the content of `moov`.
    ///   - reader: the file.
    /// - Returns: the size; EXIF is a matter of items, so there is none.
    /// - Throws: `.damaged` when there is no such track.
    static func readMovie<Source: ImageSource>(
        _ content: Range<UInt64>,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        var tracksLeft = maxTracks
        var boxes = ISOBoxes(in: content, maxCount: maxBoxes)
        while let box = try boxes.next(&reader) {
            guard box.type == "trak" else { continue }
            guard tracksLeft > 0 else { break }
            tracksLeft -= 1
            if let header = try readTrack(box.content, &reader) { return header }
        }
        throw .damaged(reason: "No track of the file gives a size.", offset: content.lowerBound)
    }

    /// `tkhd`: `[version: u8][flags: u24]`, times and track id of 20 bytes, or 32 in version 1, 52
    /// bytes of layer, volume and matrix, then width and height in units of 1/65536 pixel.
    private static func readTrack<Source: ImageSource>(
        _ content: Range<UInt64>,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader? {
        var boxes = ISOBoxes(in: content, maxCount: maxBoxes)
        while let box = try boxes.next(&reader) {
            guard box.type == "tkhd" else { continue }
            let start = box.content.lowerBound
            let version: UInt8 = try reader.integer(at: start, .big)
            let place = start + 4 + (version == 0 ? 20 : 32) + 52
            guard place + 8 <= box.content.upperBound else {
                throw .damaged(reason: "A track's header is too short.", offset: start)
            }
            let width: UInt32 = try reader.integer(at: place, .big)
            let height: UInt32 = try reader.integer(at: place + 4, .big)
            guard width >> 16 > 0, height >> 16 > 0 else { return nil }
            return ImageHeader(width: width >> 16, height: height >> 16, exif: nil)
        }
        return nil
    }
}
