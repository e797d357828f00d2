import Bytes
import ImageFormat
import Testing

@Suite struct HEIFTests {
    let camera = Camera(make: "Maker", model: "Model 1")

    @Test(arguments: [
        "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1",
    ])
    func `every brand of HEVC, and of the structure alone, is HEIF`(brand: String) {
        let builder = HEIFBuilder(majorBrand: brand)
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
    }

    @Test(arguments: ["avif", "avis"])
    func `both brands of AV1 are AVIF`(brand: String) {
        let builder = HEIFBuilder(majorBrand: brand, compatibleBrands: ["mif1", "miaf"])
        expectImage(builder.encode(), .avif, 64, 48, camera: camera)
    }

    @Test func `behind a brand of structure the first brand of a codec decides`() {
        var builder = HEIFBuilder(majorBrand: "mif1", compatibleBrands: ["mif1", "miaf", "avif"])
        expectImage(builder.encode(), .avif, 64, 48, camera: camera)
        builder.compatibleBrands = ["mif1"]
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
    }

    @Test func `rotation and cropping leave the size as it is stored`() {
        expectImage(HEIFBuilder(hasTransformations: true).encode(), .heif, 64, 48, camera: camera)
    }

    @Test(arguments: [0, 1, 2] as [UInt8], [4, 8])
    func `EXIF is found with every version of its location`(version: UInt8, offsetBytes: Int) {
        let builder = HEIFBuilder(locationVersion: version, offsetBytes: offsetBytes)
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
    }

    @Test(arguments: [1, 2] as [UInt8])
    func `EXIF may stand among the item data of the header`(version: UInt8) {
        let builder = HEIFBuilder(locationVersion: version, place: .itemData)
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
    }

    @Test func `offsets count from a base where there is one`() {
        expectImage(HEIFBuilder(baseOffset: 40).encode(), .heif, 64, 48, camera: camera)
    }

    @Test(arguments: [1, 3, 4, 5, 11, 20, 40])
    func `EXIF may be cut in two extents anywhere`(cut: Int) {
        expectImage(HEIFBuilder(secondExtent: cut).encode(), .heif, 64, 48, camera: camera)
    }

    @Test func `EXIF may have its identifier before the TIFF header, counted or not`() {
        let identifier = Array("Exif\0\0".utf8)
        expectImage(HEIFBuilder(exifPrefix: identifier).encode(), .heif, 64, 48, camera: camera)
        var builder = HEIFBuilder()
        builder.exif = identifier + TIFFBuilder.camera().encode()
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
    }

    @Test func `EXIF of other items and other files is not looked for`() {
        expectImage(HEIFBuilder(place: .otherItem).encode(), .heif, 64, 48)
        expectImage(HEIFBuilder(place: .otherFile).encode(), .heif, 64, 48)
        var builder = HEIFBuilder()
        builder.exif = nil
        expectImage(builder.encode(), .heif, 64, 48)
    }

    @Test func `ids may have 32 bits`() {
        let builder = HEIFBuilder(
            primaryItem: 70_000,
            exifItem: 70_001,
            primaryItemVersion: 1,
            itemInfoVersion: 3,
            locationVersion: 2,
            associationVersion: 1
        )
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
    }

    @Test func `property indices may have 15 bits`() {
        var builder = HEIFBuilder(hasWideAssociations: true)
        expectImage(builder.encode(), .heif, 64, 48, camera: camera)
        builder.otherProperties = HEIFBuilder.box("free", []) * 300
        builder.otherPropertyCount = 300
        #expect(size(of: builder.encode()) == [64, 48])
    }

    @Test func `the header may stand behind the image data`() {
        expectImage(HEIFBuilder(isMetaLast: true).encode(), .heif, 64, 48, camera: camera)
    }

    @Test func `a size of 0 is refused`() {
        expectRefusal(HEIFBuilder(width: 0).encode(), "width or height of 0")
        expectRefusal(HEIFBuilder(height: 0).encode(), "width or height of 0")
    }

    @Test func `a file without header, primary item, properties or size is refused`() {
        let fileType = HEIFBuilder().fileType
        expectRefusal(fileType + HEIFBuilder.box("mdat", zeros(20)), "no 'meta' box")
        expectRefusal(fileType + HEIFBuilder.fullBox("meta", 0, []), "no primary item")
        expectRefusal(fileType + HEIFBuilder.box("meta", []), "no primary item")
        let primary = HEIFBuilder.fullBox("pitm", 0, [0, 1])
        expectRefusal(fileType + HEIFBuilder.fullBox("meta", 0, primary), "no primary item")
        let empty = primary + HEIFBuilder.box("iprp", HEIFBuilder.box("ipco", []))
        expectRefusal(fileType + HEIFBuilder.fullBox("meta", 0, empty), "no 'ispe'")
    }

    @Test func `a sequence without a still image has the size of its first picture track`() {
        func track(_ version: UInt8, _ width: UInt32, _ height: UInt32) -> [UInt8] {
            let times = zeros(version == 0 ? 20 : 32)
            let sides = bigEndian(width << 16) + bigEndian(height << 16)
            let header = HEIFBuilder.fullBox("tkhd", version, times + zeros(52) + sides)
            return HEIFBuilder.box("trak", HEIFBuilder.box("edts", []) + header)
        }
        let fileType = HEIFBuilder(majorBrand: "hevc", compatibleBrands: ["msf1"]).fileType
        for version in [0, 1] as [UInt8] {
            let tracks = track(version, 0, 0) + track(version, 320, 240) + track(version, 8, 8)
            expectImage(fileType + HEIFBuilder.box("moov", tracks), .heif, 320, 240)
        }
        let sound = HEIFBuilder.box("moov", track(0, 0, 0) * HEIF.maxTracks)
        expectRefusal(fileType + sound, "No track")
        let last = track(0, 0, 0) * (HEIF.maxTracks - 1) + track(0, 320, 240)
        #expect(size(of: fileType + HEIFBuilder.box("moov", last)) == [320, 240])
        let behind = track(0, 0, 0) * HEIF.maxTracks + track(0, 320, 240)
        #expect(size(of: fileType + HEIFBuilder.box("moov", behind)) == nil)
    }

    /// Width and height, or `nil` when the file is refused.
    private func size(of bytes: [UInt8]) -> [UInt32]? {
        guard case .success(let image) = outcome(of: bytes, isComplete: true) else { return nil }
        return [image.width, image.height]
    }
}
