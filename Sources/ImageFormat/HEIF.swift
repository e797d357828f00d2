internal import Bytes

/// Reads HEIF headers: ISO/IEC 23008-12 (HEIF), in the boxes of ISO/IEC 14496-12.
///
/// HEIC and AVIF are HEIF with one codec or the other.
package enum HEIF {
    /// Boxes looked at in one place: the file, `meta`, `iprp`, `ipco`.
    ///
    /// Files have some ten of each.
    package static let maxBoxes = 4_096

    /// Items looked at in each table.
    ///
    /// Phones cut a picture into some fifty tiles; item ids were 16 bits wide at first, and so this
    /// is what the first version of the tables can hold.
    package static let maxItems = 65_536

    /// Brands that name the codec HEVC (ISO/IEC 23008-12 §B.4), still and moving.
    private static let hevcBrands: Set<FourCC> = [
        "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs",
    ]

    /// Brands that name the codec AV1 (AV1 Image File Format, "Brands").
    private static let av1Brands: Set<FourCC> = ["avif", "avis"]

    /// Brands that name the structure of the file and leave the codec open (§10).
    static let structuralBrands: Set<FourCC> = ["mif1", "mif2", "msf1"]

    /// Tells the format that a brand names.
    ///
    /// - Parameter brand: a brand of `ftyp`.
    /// - Returns: `nil` when the brand names no codec of a format that is kept.
    static func kind(ofBrand brand: FourCC) -> ImageKind? {
        if hevcBrands.contains(brand) { return .heif }
        return av1Brands.contains(brand) ? .avif : nil
    }

    /// The boxes within `meta` that are needed (14496-12 §8.11).
    struct Meta {
        var primaryItem: Range<UInt64>?
        var itemInfo: Range<UInt64>?
        var itemLocation: Range<UInt64>?
        var itemProperties: Range<UInt64>?
        var itemData: Range<UInt64>?
    }

    /// Reads the size of the primary item, or, in a file without items, of the first picture track.
    ///
    /// - Parameter reader: a file that begins with `ftyp`.
    /// - Returns: the size that `ispe` gives. Rotation, mirroring and cropping (`irot`, `imir`,
    ///   `clap`) are not applied, as EXIF's orientation is not for other formats.
    /// - Throws: `.damaged` when neither is there, is whole and gives a size.
    static func readHeader<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        var movie: ISOBox?
        var boxes = ISOBoxes(in: 0..<UInt64.max, maxCount: maxBoxes)
        while let box = try boxes.next(&reader) {
            if box.type == "meta" { return try readMeta(box.content, &reader) }
            if box.type == "moov" { movie = movie ?? box }
        }
        guard let movie else {
            throw .damaged(reason: "The file has no 'meta' box, which gives the size.", offset: 0)
        }
        return try readMovie(movie.content, &reader)
    }

    private static func readMeta<Source: ImageSource>(
        _ content: Range<UInt64>,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        var meta = Meta()
        // A full box: one byte of version and three of flags come first (§4.2).
        let children = min(content.lowerBound + 4, content.upperBound)..<content.upperBound
        var boxes = ISOBoxes(in: children, maxCount: maxBoxes)
        while let box = try boxes.next(&reader) {
            switch box.type {
            case "pitm": meta.primaryItem = meta.primaryItem ?? box.content
            case "iinf": meta.itemInfo = meta.itemInfo ?? box.content
            case "iloc": meta.itemLocation = meta.itemLocation ?? box.content
            case "iprp": meta.itemProperties = meta.itemProperties ?? box.content
            case "idat": meta.itemData = meta.itemData ?? box.content
            default: continue
            }
        }
        if content.upperBound < UInt64.max {
            // The last byte of the header, so that a file cut within it is told from one cut later.
            let _: UInt8 = try reader.integer(at: content.upperBound - 1, .big)
        }
        guard let primaryItem = meta.primaryItem, let properties = meta.itemProperties else {
            throw .damaged(
                reason: "The 'meta' box names no primary item or gives no properties.",
                offset: content.lowerBound
            )
        }
        let version: UInt8 = try reader.integer(at: primaryItem.lowerBound, .big)
        let id = try itemID(at: primaryItem.lowerBound + 4, isWide: version > 0, &reader)
        let size = try readSize(of: id, properties, &reader)
        return ImageHeader(
            width: size.width,
            height: size.height,
            exif: try findEXIF(in: meta, &reader)
        )
    }

    /// Reads an item's id, which has 16 bits in the first version of each box and 32 in later ones.
    ///
    /// - Parameters:
    ///   - offset: its first byte in the file.
    ///   - isWide: whether it has 32 bits.
    ///   - reader: the file.
    /// - Returns: the id.
    /// - Throws: as the reader does.
    static func itemID<Source: ImageSource>(
        at offset: UInt64,
        isWide: Bool,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> UInt32 {
        if isWide { return try reader.integer(at: offset, .big) }
        return UInt32(try reader.integer(at: offset, .big, as: UInt16.self))
    }
}
