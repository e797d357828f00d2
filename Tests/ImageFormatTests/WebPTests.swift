import Bytes
import ImageFormat
import Testing

@Suite struct WebPTests {
    typealias Build = WebPBuilder
    let camera = Camera(make: "Maker", model: "Model 1")

    @Test func `a lossy image gives 14 bits each of width and height`() {
        expectImage(Build.file(Build.lossy(64, 48)), .webp, 64, 48)
        // The two bits above are a scale for showing, and not part of the size.
        expectImage(Build.file(Build.lossy(0x4000 | 16_383, 0xC001)), .webp, 16_383, 1)
        expectRefusal(Build.file(Build.lossy(0, 48)), "width or height of 0")
    }

    @Test func `a lossless image gives its size less one`() {
        expectImage(Build.file(Build.lossless(64, 48)), .webp, 64, 48)
        expectImage(Build.file(Build.lossless(16_384, 1)), .webp, 16_384, 1)
    }

    @Test func `an extended image gives the size of its canvas`() {
        let file = Build.file(Build.extended(1 << 24, 1, flags: 0), Build.lossy(8, 8))
        expectImage(file, .webp, 1 << 24, 1)
    }

    @Test func `EXIF of an extended image names the camera`() {
        let file = Build.file(Build.extended(64, 48), Build.lossy(64, 48), Build.exif)
        expectImage(file, .webp, 64, 48, camera: camera)
    }

    @Test func `EXIF is found behind a chunk of odd size`() {
        let odd = Build.chunk("ALPH", zeros(3))
        let file = Build.file(Build.extended(64, 48), odd, Build.lossy(64, 48), Build.exif)
        expectImage(file, .webp, 64, 48, camera: camera)
    }

    @Test func `EXIF counts without its flag, and with JPEG's identifier`() {
        let extended = Build.extended(64, 48, flags: 0)
        let prefixed = Array("Exif\0\0".utf8) + TIFFBuilder.camera().encode()
        let file = Build.file(extended, Build.lossy(64, 48), Build.chunk("EXIF", prefixed))
        expectImage(file, .webp, 64, 48, camera: camera)
    }

    @Test func `EXIF behind the end of the RIFF file is not part of the image`() {
        let whole = Build.file(Build.extended(64, 48), Build.lossy(64, 48))
        expectImage(whole + Build.exif, .webp, 64, 48)
    }

    @Test func `a first chunk that gives no size is refused`() {
        expectRefusal(Build.file(Build.exif), "does not begin with an image")
        expectRefusal(Build.file(Build.lossy(64, 48, tag: 0x31)), "key frame")
        expectRefusal(Build.file(Build.chunk("VP8 ", zeros(10))), "key frame")
        expectRefusal(Build.file(Build.chunk("VP8L", zeros(5))), "lossless header")
        expectRefusal(Build.file(Build.chunk("VP8X", zeros(10), size: 9)), "too short")
    }

    @Test func `a file that ends within its first header is refused`() {
        let start = 12 + 8
        for (chunk, headerBytes) in [
            (Build.lossy(64, 48), 10), (Build.lossless(64, 48), 5), (Build.extended(64, 48), 10),
        ] {
            let cut = Array(Build.file(chunk).prefix(start + headerBytes))
            expectImage(cut, .webp, 64, 48)
            expectRefusal(Array(cut.dropLast()), "ends inside its header")
        }
    }

    @Test func `a chunk that claims 2^32 - 1 bytes ends the search`() {
        let claiming = Build.chunk("ALPH", zeros(4), size: .max)
        let file = Build.file(Build.extended(64, 48), claiming, Build.exif)
        expectImage(file, .webp, 64, 48)
        let large = Build.file(Build.extended(64, 48), claiming, Build.exif, size: .max)
        expectImage(large, .webp, 64, 48)
    }

    @Test func `EXIF in as many chunks as the limit is found, one further is not`() {
        let frame = Build.chunk("ANMF", [])
        let before = Array(repeating: frame, count: WebP.maxChunks - 1).flatMap { $0 }
        let extended = Build.extended(64, 48)
        let found = outcome(of: Build.file(extended, before, Build.exif), isComplete: true)
        #expect(found.image?.camera == camera)
        let over = outcome(of: Build.file(extended, before, frame, Build.exif), isComplete: true)
        #expect(over.image == .init(kind: .webp, width: 64, height: 48, camera: nil))
    }
}
