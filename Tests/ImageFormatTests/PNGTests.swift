import Bytes
import ImageFormat
import Testing

@Suite struct PNGTests {
    typealias Build = PNGBuilder
    let camera = Camera(make: "Maker", model: "Model 1")
    let exif = PNGBuilder.chunk("eXIf", TIFFBuilder.camera().encode())

    @Test func `a plain, an interlaced and an animated image give their size`() {
        expectImage(Build.file(Build.imageData), .png, 64, 48)
        let interlaced = Build.header(640, 480, isInterlaced: true)
        expectImage(Build.file(header: interlaced, Build.imageData), .png, 640, 480)
        let animation = Build.chunk("acTL", bigEndian(UInt32(2)) + zeros(4))
        expectImage(Build.file(animation, Build.imageData), .png, 64, 48)
    }

    @Test func `EXIF is found before the image data and after`() {
        expectImage(Build.file(exif, Build.imageData), .png, 64, 48, camera: camera)
        expectImage(
            Build.file(Build.imageData, Build.imageData, exif),
            .png,
            64,
            48,
            camera: camera
        )
    }

    @Test func `of two EXIF chunks the first one counts`() {
        let other = Build.chunk("eXIf", TIFFBuilder.camera(model: "Other").encode())
        expectImage(Build.file(exif, other), .png, 64, 48, camera: camera)
    }

    @Test func `EXIF may carry the identifier that JPEG needs`() {
        let prefixed = Build.chunk("eXIf", Array("Exif\0\0".utf8) + TIFFBuilder.camera().encode())
        expectImage(Build.file(prefixed), .png, 64, 48, camera: camera)
    }

    @Test func `EXIF behind the end is not part of the image`() {
        expectImage(Build.file() + exif, .png, 64, 48)
    }

    @Test func `sizes up to 2^31 - 1 are images and none above`() {
        expectImage(Build.file(header: Build.header(1, 0x7FFF_FFFF)), .png, 1, 0x7FFF_FFFF)
        expectRefusal(Build.file(header: Build.header(1, 0x8000_0000)), "over 2^31 - 1")
        expectRefusal(Build.file(header: Build.header(0, 1)), "width or height of 0")
        expectRefusal(Build.file(header: Build.header(1, 0)), "width or height of 0")
    }

    @Test func `a file that does not begin with a whole header chunk is refused`() {
        let whole = Build.signature + Build.header(64, 48)
        expectImage(whole, .png, 64, 48)
        expectRefusal(Array(whole.dropLast()), "ends inside its header")
        expectRefusal(
            Build.signature + Build.chunk("CgBI", zeros(4)),
            "does not begin with an IHDR"
        )
        expectRefusal(
            Build.signature + Build.chunk("IHDR", zeros(12)),
            "does not begin with an IHDR"
        )
    }

    @Test func `filler in place of image data is still an image`() {
        let head = Build.signature + Build.header(64, 48)
        for filler in [[0xFF, 0xFF, 0xFF, 0xFF] + Array("IDAT".utf8), zeros(40)] as [[UInt8]] {
            expectImage(head + filler, .png, 64, 48)
        }
    }

    @Test func `a chunk that claims the largest length ends the search at the end of the file`() {
        let chunk = Build.chunk("IDAT", zeros(9), length: 0x7FFF_FFFF)
        expectImage(Build.file(chunk, exif), .png, 64, 48)
    }

    @Test func `EXIF in as many chunks as the limit is found, one further is not`() {
        let empty = Build.chunk("tEXt", [])
        let before = Array(repeating: empty, count: PNG.maxChunks - 1).flatMap { $0 }
        let found = outcome(of: Build.file(before, exif), isComplete: true)
        #expect(found.image?.camera == camera)
        let over = outcome(of: Build.file(before, empty, exif), isComplete: true)
        #expect(over.image == .init(kind: .png, width: 64, height: 48, camera: nil))
    }

    @Test func `filler of two gibibytes costs a few reads`() throws {
        let head = Build.signature + Build.header(64, 48)
        var source = CountingImageSource(head, filler: 0, count: 2 << 30)
        #expect(try ImageInspector.inspect(&source).camera == nil)
        #expect(source.reads <= 8)
    }

    @Test func `small chunks without end cost one read each and no more than the limit`() throws {
        // Read as a chunk, filler of this letter is one of 0x61616161 bytes: past the end in two
        // steps.
        let head = Build.signature + Build.header(64, 48)
        var source = CountingImageSource(head, filler: 0x61, count: 1 << 40)
        #expect(throws: Never.self) { try ImageInspector.inspect(&source) }
        #expect(source.reads <= PNG.maxChunks + 8)
    }
}
