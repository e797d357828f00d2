import Bytes

/// Writes HEIF files of two items: the primary one, and one with EXIF.
///
/// Everything that the format lets a writer choose is a property, so that a test names what it
/// varies.
struct HEIFBuilder {
    /// Where the EXIF item stands.
    enum Place: Sendable { case mediaData, itemData, otherItem, otherFile }

    var majorBrand = "heic"
    var compatibleBrands = ["mif1", "heic"]
    var width: UInt32 = 64
    var height: UInt32 = 48
    var primaryItem: UInt32 = 1
    var exifItem: UInt32 = 2
    /// Versions of the boxes `pitm`, `infe`, `iloc`, `ipma`; ids over 65,535 need the later ones.
    var primaryItemVersion: UInt8 = 0
    var itemInfoVersion: UInt8 = 2
    var locationVersion: UInt8 = 1
    var associationVersion: UInt8 = 0
    var hasWideAssociations = false
    /// Properties that come before the primary item's size in `ipco`.
    var otherProperties: [UInt8] = Self.box("ispe", zeros(4) + bigEndian(UInt32(8)) * 2)
    var otherPropertyCount = 1
    /// Rotation and cropping, which change nothing about the size as stored.
    var hasTransformations = false
    /// Entries of `iinf` before the two items' own.
    var itemInfoBefore: [UInt8] = []
    /// The EXIF block, or `nil` for a file without one.
    var exif: [UInt8]? = TIFFBuilder.camera().encode()
    /// What stands between the item's first four bytes and the TIFF header.
    var exifPrefix: [UInt8] = []
    var place = Place.mediaData
    var offsetBytes = 4
    var baseOffset: UInt64 = 0
    /// Where the EXIF item is cut in two extents, if it is.
    var secondExtent: Int?
    var isMetaLast = false
    var itemLocation: [UInt8]?

    /// A box.
    static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        bigEndian(UInt32(content.count + 8)) + Array(type.utf8) + content
    }

    /// A box with version and flags.
    static func fullBox(_ type: String, _ version: UInt8, _ content: [UInt8]) -> [UInt8] {
        box(type, [version, 0, 0, 0] + content)
    }

    /// The first box.
    var fileType: [UInt8] {
        let brands = ([majorBrand] + compatibleBrands).map { Array($0.utf8) }
        return Self.box("ftyp", brands[0] + zeros(4) + brands.dropFirst().flatMap { $0 })
    }

    /// The box of what no other box holds.
    var mediaData: [UInt8] {
        Self.box("mdat", place == .mediaData ? exifContent + zeros(30) : zeros(30))
    }

    /// The whole file.
    func encode() -> [UInt8] {
        if isMetaLast {
            let offset = fileType.count + 8
            return fileType + mediaData + meta(exifAt: offset)
        }
        // The place of the media data depends on the size of `meta`, which depends on no value in
        // it.
        let offset = fileType.count + meta(exifAt: 0).count + 8
        return fileType + meta(exifAt: offset) + mediaData
    }

    private var exifContent: [UInt8] {
        guard let exif else { return [] }
        return bigEndian(UInt32(exifPrefix.count)) + exifPrefix + exif
    }

    private func meta(exifAt offset: Int) -> [UInt8] {
        var boxes = Self.fullBox("hdlr", 0, zeros(4) + Array("pict".utf8) + zeros(13))
        let primary =
            primaryItemVersion == 0 ? bigEndian(UInt16(primaryItem)) : bigEndian(primaryItem)
        boxes += Self.fullBox("pitm", primaryItemVersion, primary)
        boxes += itemInfo
        boxes += Self.box("iprp", properties)
        if place == .itemData { boxes += Self.box("idat", exifContent) }
        boxes += itemLocation ?? location(exifAt: offset)
        return Self.fullBox("meta", 0, boxes)
    }

    private var itemInfo: [UInt8] {
        func entry(_ id: UInt32, _ type: String) -> [UInt8] {
            let number = itemInfoVersion < 3 ? bigEndian(UInt16(id)) : bigEndian(id)
            return Self.fullBox("infe", itemInfoVersion, number + zeros(2) + Array(type.utf8) + [0])
        }
        var entries = itemInfoBefore + entry(primaryItem, "hvc1")
        if exif != nil { entries += entry(exifItem, "Exif") }
        return Self.fullBox("iinf", 0, bigEndian(UInt16(exif == nil ? 1 : 2)) + entries)
    }

    private var properties: [UInt8] {
        var list = otherProperties
        let size = Self.fullBox("ispe", 0, bigEndian(width) + bigEndian(height))
        list += size
        if hasTransformations {
            list += Self.box("irot", [1]) + Self.box("clap", bigEndian(UInt32(1)) * 8)
        }
        let first = otherPropertyCount + 1
        let own = hasTransformations ? [first, first + 1, first + 2] : [first]
        let id = associationVersion == 0 ? bigEndian(UInt16(primaryItem)) : bigEndian(primaryItem)
        // Each is marked essential, which is one bit more.
        let associations = own.flatMap {
            hasWideAssociations ? bigEndian(UInt16($0) | 0x8000) : [UInt8($0) | 0x80]
        }
        let flags: [UInt8] = [associationVersion, 0, 0, hasWideAssociations ? 1 : 0]
        let associationBox = flags + bigEndian(UInt32(1)) + id + [UInt8(own.count)] + associations
        return Self.box("ipco", list) + Self.box("ipma", associationBox)
    }

    private func location(exifAt offset: Int) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] {
            offsetBytes == 8 ? bigEndian(UInt64(value)) : bigEndian(UInt32(value))
        }
        let id = locationVersion < 2 ? bigEndian(UInt16(exifItem)) : bigEndian(exifItem)
        let method: UInt16 = place == .itemData ? 1 : place == .otherItem ? 2 : 0
        let base: [UInt8] = offsetBytes == 8 ? bigEndian(baseOffset) : bigEndian(UInt32(baseOffset))
        let size = UInt8(offsetBytes)
        var content = [size << 4 | size, size << 4]
        content += locationVersion < 2 ? bigEndian(UInt16(1)) : bigEndian(UInt32(1))
        content += id + (locationVersion == 0 ? [] : bigEndian(method))
        content += bigEndian(UInt16(place == .otherFile ? 1 : 0)) + base
        let start = (place == .itemData ? 0 : offset) - Int(baseOffset)
        let length = exifContent.count
        if let secondExtent {
            content += bigEndian(UInt16(2)) + number(max(0, start)) + number(secondExtent)
            content += number(max(0, start) + secondExtent) + number(length - secondExtent)
        } else {
            content += bigEndian(UInt16(1)) + number(max(0, start)) + number(length)
        }
        return Self.fullBox("iloc", locationVersion, content)
    }
}

/// The same bytes several times.
func * (bytes: [UInt8], count: Int) -> [UInt8] {
    Array(repeatElement(bytes, count: count).joined())
}
