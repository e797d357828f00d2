/// Reads JPEG headers: ITU-T T.81 (ISO/IEC 10918-1), Annex B.
///
/// Multi-picture and Ultra HDR files are JPEG files that begin like any other.
package enum JPEG {
    /// Segments before the frame header.
    ///
    /// An ICC profile takes up to 255 and extended XMP a few hundred.
    package static let maxSegments = 4_096

    /// Bytes between segments, in all.
    ///
    /// T.81 B.1.1.2 allows any number of FF before a marker, and some cameras leave other bytes
    /// there, which libjpeg skips as well.
    package static let maxPaddingBytes = 4_096

    /// What `APP1` content begins with when it is EXIF (Exif 3.0 §4.7.2); XMP uses `APP1` too.
    static let exifIdentifier: [UInt8] = Array("Exif\0\0".utf8)

    /// Walks the segments to the frame header, and no further: what follows is image data, which
    /// may be cut or missing.
    ///
    /// EXIF is the first `APP1` of its kind. The walk is ours and not libexif's, which gives up at
    /// the first segment that is not `APPn`; cameras write comments and tables before it.
    ///
    /// - Parameter reader: a file that begins with SOI.
    /// - Returns: the size of the frame.
    /// - Throws: `.damaged` when there is no frame header with a size; `.unsupported` for JPEG-LS.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        var offset: UInt64 = 2
        var padding = maxPaddingBytes
        var exif: Extents?
        for _ in 0..<maxSegments {
            let code = try nextMarker(at: &offset, padding: &padding, &reader)
            switch Marker(code) {
            case .standalone:
                continue
            case .startOfFrame:
                return try frame(at: offset, exif: exif, &reader)
            case .losslessFrame:
                throw .unsupported(
                    reason: "The file is JPEG-LS; accepted are \(ImageSignature.acceptedNames)."
                )
            case .endOfHeader:
                throw .damaged(reason: "The JPEG has no frame header (SOF).", offset: offset)
            case .application1, .segment:
                let length: UInt16 = try reader.integer(at: offset, .big)
                guard length >= 2 else {
                    throw .damaged(reason: "A JPEG segment is too short.", offset: offset)
                }
                let content = offset + 2..<offset + UInt64(length)
                if exif == nil, Marker(code) == .application1,
                    content.count64 >= UInt64(exifIdentifier.count),
                    try reader.bytes(at: content.lowerBound, count: exifIdentifier.count)
                        == exifIdentifier
                {
                    exif = Extents(content)
                }
                offset = content.upperBound
            }
        }
        throw .damaged(reason: "The JPEG has too many segments before its frame.", offset: offset)
    }

    /// The markers that matter here (T.81 Table B.1).
    private enum Marker {
        /// Has no length: TEM, RSTn, SOI.
        case standalone
        case startOfFrame
        /// SOF55 of ITU-T T.87, which browsers and Pillow do not read.
        case losslessFrame
        /// SOS or EOI.
        case endOfHeader
        case application1
        case segment

        init(_ code: UInt8) {
            self =
                switch code {
                case 0x01, 0xD0...0xD8: .standalone
                // DHT, JPG and DAC have their codes in the midst of those of the frames.
                case 0xC4, 0xC8, 0xCC: .segment
                case 0xC0...0xCF: .startOfFrame
                case 0xF7: .losslessFrame
                case 0xD9, 0xDA: .endOfHeader
                case 0xE1: .application1
                default: .segment
                }
        }
    }

    /// Moves behind the next marker and returns its code.
    private static func nextMarker<Source: ImageSource>(
        at offset: inout UInt64,
        padding: inout Int,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> UInt8 {
        while true {
            let byte: UInt8 = try reader.integer(at: offset, .big)
            let next: UInt8 = try reader.integer(at: offset + 1, .big)
            // FF 00 is a stuffed data byte, FF FF a fill byte followed by more.
            if byte == 0xFF, next != 0x00, next != 0xFF {
                offset += 2
                return next
            }
            guard padding > 0 else {
                throw .damaged(reason: "The JPEG has no marker where one must be.", offset: offset)
            }
            padding -= 1
            offset += 1
        }
    }

    /// T.81 B.2.2: length, sample precision, number of lines, samples a line, number of components.
    private static func frame<Source: ImageSource>(
        at offset: UInt64,
        exif: Extents?,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        let length: UInt16 = try reader.integer(at: offset, .big)
        guard length >= 8 else {
            throw .damaged(reason: "The JPEG's frame header is too short.", offset: offset)
        }
        let height: UInt16 = try reader.integer(at: offset + 3, .big)
        let width: UInt16 = try reader.integer(at: offset + 5, .big)
        guard height > 0 else {
            // B.2.5: the number of lines may follow the first scan in a DNL segment. To find it
            // takes decoding, and neither libjpeg nor any browser does; it is no size in the
            // header.
            throw .damaged(reason: "The JPEG's header gives no height.", offset: offset)
        }
        // The last byte of the frame header, so that a file cut within it is told from one cut
        // later.
        let _: UInt8 = try reader.integer(at: offset + UInt64(length) - 1, .big)
        return ImageHeader(width: UInt32(width), height: UInt32(height), exif: exif)
    }
}
