import Bytes
import ImageFormat
import Testing

@Suite struct JPEGTests {
    typealias Build = JPEGBuilder
    let camera = Camera(make: "Maker", model: "Model 1")
    let exif = JPEGBuilder.exif(.camera())

    @Test(arguments: [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC7, 0xC9, 0xCA, 0xCF] as [UInt8])
    func `every kind of frame gives its size`(code: UInt8) {
        expectImage(
            Build.file(Build.jfif, frame: Build.frame(640, 480, code: code)),
            .jpeg,
            640,
            480
        )
    }

    @Test func `a Huffman table is no frame`() {
        expectImage(Build.file(Build.huffmanTable), .jpeg, 64, 48)
    }

    @Test func `the largest frame is an image`() {
        expectImage(Build.file(frame: Build.frame(65_535, 65_535)), .jpeg, 65_535, 65_535)
    }

    @Test func `EXIF as the first segment names the camera`() {
        expectImage(Build.file(exif), .jpeg, 64, 48, camera: camera)
    }

    @Test func `EXIF is found behind comments, tables, JFIF and XMP`() {
        let before = [Build.comment, Build.quantisationTable, Build.jfif, Build.xmp]
        for segment in before {
            expectImage(Build.file(segment, exif), .jpeg, 64, 48, camera: camera)
        }
        expectImage(Build.file(before.flatMap { $0 }, exif), .jpeg, 64, 48, camera: camera)
    }

    @Test func `of two EXIF segments the first one counts`() {
        let other = Build.exif(.camera(make: "Other", model: "Other 2"))
        expectImage(Build.file(exif, other), .jpeg, 64, 48, camera: camera)
    }

    @Test func `EXIF behind the frame header is not looked for`() {
        expectImage(Build.file(frame: Build.frame(64, 48) + exif), .jpeg, 64, 48)
    }

    @Test func `multi-picture and Ultra HDR files are JPEG files of their first picture`() {
        let index = Build.segment(0xE2, Array("MPF\0II*\0".utf8) + zeros(20))
        let gainMap = Build.file(frame: Build.frame(16, 12))
        expectImage(Build.file(exif, index) + gainMap, .jpeg, 64, 48, camera: camera)
    }

    @Test func `fill bytes may stand before every marker`() {
        let fill: [UInt8] = [0xFF, 0xFF]
        expectImage(Build.file(fill, exif, fill, fill), .jpeg, 64, 48, camera: camera)
    }

    @Test func `bytes between segments are skipped as libjpeg does`() {
        expectImage(
            Build.file(Build.jfif, [0, 0x13], exif, [0xFF, 0x00, 0x77]),
            .jpeg,
            64,
            48,
            camera: camera
        )
    }

    @Test func `as many bytes between segments as the limit are skipped, one more is refused`() {
        let limit = JPEG.maxPaddingBytes
        let first = Build.jfif
        let complete = outcome(of: Build.file(first, zeros(limit)), isComplete: true)
        #expect(throws: Never.self) { try complete.get() }
        let over = outcome(of: Build.file(first, zeros(limit + 1)), isComplete: true)
        #expect(reason(of: over).contains("no marker"))
    }

    @Test func `as many segments as the limit are walked, one more is refused`() {
        let limit = JPEG.maxSegments
        let segments = Array(repeating: Build.segment(0xFE, []), count: limit - 1).flatMap { $0 }
        let complete = outcome(of: Build.file(segments), isComplete: true)
        #expect(throws: Never.self) { try complete.get() }
        let over = outcome(of: Build.file(segments, Build.comment), isComplete: true)
        #expect(reason(of: over).contains("too many segments"))
    }

    @Test func `a header without a frame is refused`() {
        expectRefusal(Build.startOfImage + Build.jfif + Build.scan, "no frame header")
        expectRefusal(Build.startOfImage + Build.jfif + [0xFF, 0xD9], "no frame header")
    }

    @Test func `a frame without a width or a height is refused`() {
        expectRefusal(Build.file(frame: Build.frame(0, 48)), "width or height of 0")
        // The height would follow in a DNL segment behind the first scan.
        expectRefusal(Build.file(frame: Build.frame(64, 0)), "no height")
    }

    @Test func `segments and frames that are too short are refused`() {
        expectRefusal(Build.file([0xFF, 0xE0, 0, 1]), "too short")
        expectRefusal(Build.file(frame: Build.segment(0xC0, [8, 0, 1, 0, 1])), "too short")
    }

    @Test func `a file that ends within its frame header is refused`() {
        let whole = Build.startOfImage + Build.jfif + Build.frame(64, 48)
        expectImage(whole, .jpeg, 64, 48)
        expectRefusal(Array(whole.dropLast()), "ends inside its header")
    }

    @Test func `JPEG-LS is named and refused`() {
        expectRefusal(Build.file(frame: Build.frame(64, 48, code: 0xF7)), "JPEG-LS")
    }

    @Test(arguments: [0x00, 0x5A, 0xFF] as [UInt8])
    func `a header with two gibibytes of filler costs a few reads`(filler: UInt8) throws {
        let head = Build.startOfImage + Build.jfif + exif + Build.frame(64, 48)
        var source = CountingImageSource(head, filler: filler, count: 2 << 30)
        let found = try ImageInspector.inspect(&source)
        #expect(found == ImageDescription(kind: .jpeg, width: 64, height: 48, camera: camera))
        #expect(source.reads <= 8)
        #expect(source.bytes <= 8 * 512)
    }

    @Test(arguments: [0x00, 0x5A, 0xFF] as [UInt8])
    func `filler in place of a frame costs a bounded search`(filler: UInt8) {
        var source = CountingImageSource(
            Build.startOfImage + Build.jfif,
            filler: filler,
            count: 2 << 30
        )
        #expect(throws: ImageFormatError.self) { try ImageInspector.inspect(&source) }
        #expect(source.reads <= 16)
    }
}
