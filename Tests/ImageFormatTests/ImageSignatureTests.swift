import Bytes
import ImageFormat
import Testing

@Suite struct ImageSignatureTests {
    /// What people send by mistake, and a word that the refusal should have.
    static let foreign: [(bytes: [UInt8], word: String)] = [
        ([0, 0, 1, 0, 1, 0, 16, 16], "icon"),
        ([0, 0, 2, 0, 1, 0, 16, 16], "cursor"),
        (Array("8BPS\0\u{1}".utf8), "Photoshop"),
        (Array("%PDF-1.7\n".utf8), "PDF"),
        (Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), "SVG"),
        (Array("<?xml version='1.0'?><svg/>".utf8), "SVG"),
        (Array("\u{FEFF}<svg/>".utf8), "SVG"),
        ([0xFF, 0x0A] + zeros(12), "JPEG XL"),
        ([0, 0, 0, 12] + Array("JXL \r\n".utf8) + [0x87, 0x0A], "JPEG XL"),
        ([0, 0, 0, 12] + Array("jP  \r\n".utf8) + [0x87, 0x0A], "JPEG 2000"),
        ([0xFF, 0x4F, 0xFF, 0x51] + zeros(12), "JPEG 2000"),
        (Array("RIFF\0\0\0\0AVI LIST".utf8), "RIFF"),
        ([0x76, 0x2F, 0x31, 0x01] + zeros(12), "OpenEXR"),
        (Array("FUJIFILMCCD-RAW 0201".utf8), "Fujifilm"),
        (Array("IIRO\u{8}\0\0\0".utf8), "Olympus"),
        (Array("IIU\0\u{8}\0\0\0".utf8), "Panasonic"),
        (Array("PK\u{3}\u{4}\u{14}\0".utf8), "ZIP"),
        ([0x1F, 0x8B, 8, 0] + zeros(12), "gzip"),
        (HEIFBuilder(majorBrand: "isom", compatibleBrands: ["mp41"]).fileType, "video"),
        (HEIFBuilder(majorBrand: "crx ", compatibleBrands: []).fileType, "ISO media"),
        (Array("Not an image at all, just words.".utf8), "none of JPEG"),
        (zeros(300), "none of JPEG"),
        ([0xFF, 0xD8, 0x00, 0x00] + zeros(12), "none of JPEG"),
    ]

    @Test(arguments: foreign.indices)
    func `what is no image is refused by name`(index: Int) {
        expectRefusal(Self.foreign[index].bytes, Self.foreign[index].word)
    }

    @Test func `an empty file is refused, and one that has not begun to arrive is not`() {
        #expect(reason(of: outcome(of: [], isComplete: true)) == "The file is empty.")
        #expect(outcome(of: [], isComplete: false) == .failure(.needMoreData))
        #expect(ImageSignature.kind(of: [UInt8]().span) == .needMoreData)
    }

    @Test(
        arguments: [
            [0xFF], [0xFF, 0xD8], Array("GIF8".utf8), Array("RIFF\0\0\0\0WE".utf8),
            Array("BM".utf8),
            [0, 0, 0, 24] + Array("ftyp".utf8), Array("II*".utf8),
        ] as [[UInt8]]
    )
    func `a file that ends within its signature is refused`(bytes: [UInt8]) {
        #expect(
            reason(of: outcome(of: bytes, isComplete: true)).contains("too short to be an image")
        )
        #expect(ImageSignature.kind(of: bytes.span) == .needMoreData)
    }

    @Test func `a brand within the limit is seen, one behind it is not`() {
        func verdict(_ before: Int) -> ImageSignature.Verdict {
            let brands = Array(repeating: "zzzz", count: before) + ["avif"]
            let bytes = HEIFBuilder(majorBrand: "mif1", compatibleBrands: brands).fileType
            return ImageSignature.kind(of: bytes.span)
        }
        let room = (ImageSignature.maxBytes - 16) / 4
        #expect(verdict(room - 1) == .image(.avif))
        #expect(verdict(room) == .image(.heif))
    }

    @Test func `a list of brands that claims to be longer than the file needs more data`() {
        let bytes = [0, 0, 0, 200] + Array("ftypmif1".utf8) + zeros(4)
        #expect(ImageSignature.kind(of: bytes.span) == .needMoreData)
    }
}
