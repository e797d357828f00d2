import Bytes
import ImageFormat
import Testing

@Suite struct EXIFTests {
    /// The camera of a JPEG with this EXIF block.
    private func camera(_ builder: TIFFBuilder) -> Camera? {
        let found = outcome(of: JPEGBuilder.file(JPEGBuilder.exif(builder)), isComplete: true)
        guard case .success(let image) = found else {
            Issue.record("broken EXIF made the image broken: \(found)")
            return nil
        }
        return image.camera
    }

    /// The camera with a model of these bytes.
    private func model(_ bytes: [UInt8], type: UInt16 = 2) -> String? {
        var builder = TIFFBuilder()
        builder.entries = [
            .init(tag: 0x0110, type: type, count: UInt64(bytes.count), value: bytes)
        ]
        return camera(builder)?.model
    }

    @Test(arguments: TIFFTests.layouts.indices)
    func `both byte orders, and 64-bit offsets, name the camera`(index: Int) {
        var builder = TIFFTests.layouts[index]
        builder.add(0x010F, text: "Maker")
        builder.add(0x0110, text: "Model 1")
        #expect(camera(builder) == Camera(make: "Maker", model: "Model 1"))
    }

    @Test func `the name joins make and model, and a model alone stands alone`() {
        #expect(camera(.camera())?.name == "Maker - Model 1")
        #expect(camera(.camera(make: nil))?.name == "Model 1")
        #expect(camera(.camera(make: "  \0", model: "Model 1"))?.name == "Model 1")
    }

    @Test func `without a model there is no camera`() {
        #expect(camera(.camera(model: nil)) == nil)
        #expect(camera(.camera(model: "")) == nil)
        #expect(camera(.camera(model: " \t\0 ")) == nil)
    }

    @Test func `surrounding white space and NULs are left out, and nothing else`() {
        #expect(model(Array("  \0\tPENTAX K10D  \r\n \0\0".utf8)) == "PENTAX K10D")
        #expect(
            model(Array("<Digimax i50 MP3, Samsung #1>".utf8)) == "<Digimax i50 MP3, Samsung #1>"
        )
        #expect(model(Array("a  b\u{1}\tc".utf8)) == "a  b\u{1}\tc")
    }

    @Test func `text ends at a NUL within it`() {
        #expect(model(Array("ION230 \0F".utf8)) == "ION230")
    }

    @Test func `no terminator is needed, whether the text is in the entry or elsewhere`() {
        #expect(model(Array("X".utf8)) == "X")
        #expect(model(Array("X100".utf8)) == "X100")
        #expect(model(Array("X100V".utf8)) == "X100V")
    }

    @Test func `bytes that are not UTF-8 become replacement characters`() {
        #expect(model([0x41, 0xE9, 0x42]) == "A\u{FFFD}B")
        #expect(model(Array("Kamera Ä 7 カメラ".utf8)) == "Kamera Ä 7 カメラ")
    }

    @Test func `a name of as many bytes as the limit is kept whole, a longer one is cut`() {
        let limit = EXIF.maxTextBytes
        let whole = [UInt8](repeating: 0x78, count: limit)
        #expect(model(whole)?.utf8.count == limit)
        #expect(model(whole + [0x79])?.utf8.count == limit)
        #expect(model(whole + zeros(60_000))?.utf8.count == limit)
        // A scalar that does not fit is left out whole, and so is white space before it.
        let accented = whole.dropLast() + Array("é".utf8)
        #expect(model(accented) == String(repeating: "x", count: limit - 1))
        #expect(
            model(whole.dropLast(2) + Array(" €".utf8)) == String(repeating: "x", count: limit - 2)
        )
        // Each of these bytes takes three when repaired.
        #expect(model([UInt8](repeating: 0xFF, count: limit))?.utf8.count == limit / 3 * 3)
    }

    @Test func `no camera has a name longer than the limit`() {
        let long = String(repeating: "x", count: 300)
        let name = camera(.camera(make: long, model: long))?.name
        #expect(name?.utf8.count == Camera.maxNameBytes)
    }

    @Test(arguments: [0, 1, 3, 4, 5, 7, 13, 0xFFFF] as [UInt16])
    func `a model of a type that is not text is no camera`(type: UInt16) {
        #expect(model(Array("1234".utf8), type: type) == nil)
        #expect(model(Array("Model 1\0".utf8), type: type) == nil)
    }

    @Test func `the text type of Exif 3 is text`() {
        #expect(model(Array("Kamera Ä".utf8), type: 129) == "Kamera Ä")
    }

    @Test func `of a tag given twice the first one that can be read counts`() {
        var builder = TIFFBuilder.camera()
        builder.add(0x0110, text: "Other model")
        #expect(camera(builder)?.model == "Model 1")
        builder.entries[1].claimedOffset = 60_000
        #expect(camera(builder)?.model == "Other model")
    }

    @Test func `entries need not be in order`() {
        var builder = TIFFBuilder.camera()
        builder.entries.reverse()
        #expect(camera(builder) == Camera(make: "Maker", model: "Model 1"))
    }

    @Test func `values that are not within the block are no camera`() {
        for place in [60, 65_535, UInt64(UInt32.max)] {
            var builder = TIFFBuilder.camera()
            builder.entries[1].claimedOffset = place
            #expect(camera(builder) == nil)
        }
        var builder = TIFFBuilder.camera()
        builder.entries[1].count = UInt64(UInt32.max)
        #expect(camera(builder) == nil)
        builder.entries[1].count = 0
        #expect(camera(builder) == nil)
    }

    @Test func `a block that is no TIFF structure is no camera`() {
        for content in [[], zeros(40), Array("II*".utf8), Array("MM\0*".utf8) + zeros(3)] {
            let segment = JPEGBuilder.segment(0xE1, Array("Exif\0\0".utf8) + content)
            expectImage(JPEGBuilder.file(segment), .jpeg, 64, 48)
        }
        var builder = TIFFBuilder.camera()
        builder.claimedDirectory = 0
        #expect(camera(builder) == nil)
        builder.claimedDirectory = 60_000
        #expect(camera(builder) == nil)
    }

    @Test func `a block full of one-byte entries costs no more than the limit`() throws {
        var builder = TIFFBuilder()
        let entry = TIFFBuilder.Entry(tag: 0x9999, type: 1, count: 1, value: [1])
        builder.entries = Array(repeating: entry, count: 65_500 / 12)
        let file = JPEGBuilder.file(JPEGBuilder.exif(builder))
        var source = CountingImageSource(file)
        #expect(try ImageInspector.inspect(&source).camera == nil)
        #expect(source.reads <= TIFFDirectory.maxEntries * 12 / 500 + 8)
    }
}
