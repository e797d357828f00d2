import Bytes
import ImageFormat
import Testing

/// A file that is made to cost much, or to lead a reader astray, and what may come of it.
struct HostileFile: Sendable, CustomTestStringConvertible {
    /// What is told about it.
    enum Verdict: Sendable, Equatable {
        /// An image of this size; a camera is named unless the file hides it.
        case image(ImageKind, UInt32, UInt32)
        case refused
    }

    /// What it is, as a sentence goes on.
    let name: String
    /// Its first bytes.
    let head: [UInt8]
    /// All of it, when that is more than its first bytes; the rest is filler of this byte.
    var sizeBytes: UInt64?
    var filler: UInt8 = 0
    let verdict: Verdict
    /// Whether it names the camera "Maker - Model 1".
    var hasCamera = false
    /// The most reads of the source that it may cost.
    ///
    /// Each read is of at most 512 bytes, which is all the memory that a reader needs besides the
    /// block for libexif, of at most 564 bytes.
    var readsMax = 16

    var testDescription: String { name }

    /// How big a file whose size is only claimed is: larger than memory.
    static let hugeBytes: UInt64 = 1 << 40

    typealias HEIF = HEIFBuilder

    /// Images that would need petabytes if anybody decoded them: nobody does.
    static let bombs: [HostileFile] = [
        HostileFile(
            name: "a PNG of 2^31 - 1 by 2^31 - 1",
            head: PNGBuilder.file(header: PNGBuilder.header(0x7FFF_FFFF, 0x7FFF_FFFF)),
            verdict: .image(.png, 0x7FFF_FFFF, 0x7FFF_FFFF)
        ),
        HostileFile(
            name: "a JPEG of 65535 by 65535",
            head: JPEGBuilder.file(frame: JPEGBuilder.frame(.max, .max)),
            verdict: .image(.jpeg, 65_535, 65_535)
        ),
        HostileFile(
            name: "a GIF of 65535 by 65535",
            head: Array("GIF89a".utf8) + zeros(0) + [0xFF, 0xFF, 0xFF, 0xFF, 0xF7, 0, 0],
            verdict: .image(.gif, 65_535, 65_535)
        ),
        HostileFile(
            name: "a WEBP with a canvas of 2^24 by 2^24",
            head: WebPBuilder.file(WebPBuilder.extended(1 << 24, 1 << 24)),
            verdict: .image(.webp, 1 << 24, 1 << 24)
        ),
        HostileFile(
            name: "a BMP of 2^31 - 1 by 2^31 - 1",
            head: Array("BM".utf8) + zeros(12) + littleEndian(UInt32(40))
                + littleEndian(UInt32(0x7FFF_FFFF)) * 2 + littleEndian(UInt16(1)) + zeros(26),
            verdict: .image(.bmp, 0x7FFF_FFFF, 0x7FFF_FFFF)
        ),
        HostileFile(
            name: "a TIFF of 2^32 - 1 by 2^32 - 1",
            head: {
                var builder = TIFFBuilder()
                builder.add(TIFF.Tag.imageWidth, long: .max)
                builder.add(TIFF.Tag.imageLength, long: .max)
                return builder.encode()
            }(),
            verdict: .image(.tiff, .max, .max)
        ),
        HostileFile(
            name: "an AVIF of 2^32 - 1 by 2^32 - 1",
            head: HEIF(majorBrand: "avif", compatibleBrands: ["mif1"], width: .max, height: .max)
                .encode(),
            verdict: .image(.avif, .max, .max),
            hasCamera: true,
            readsMax: 64
        ),
    ]

    /// Lengths that reach behind the end of the file, or stay on the spot.
    static let lies: [HostileFile] = [
        HostileFile(
            name: "a PNG chunk of 2^31 - 1 bytes that are not there",
            head: PNGBuilder.signature + PNGBuilder.header(64, 48)
                + PNGBuilder.chunk("IDAT", [1], length: 0x7FFF_FFFF),
            verdict: .image(.png, 64, 48)
        ),
        HostileFile(
            name: "a PNG chunk of 2^32 - 1 bytes, more than there may be",
            head: PNGBuilder.signature + PNGBuilder.header(64, 48)
                + PNGBuilder.chunk("IDAT", [1], length: .max),
            verdict: .image(.png, 64, 48)
        ),
        HostileFile(
            name: "PNG chunks of no bytes without end",
            head: PNGBuilder.signature + PNGBuilder.header(64, 48),
            sizeBytes: hugeBytes,
            verdict: .image(.png, 64, 48),
            readsMax: PNG.maxChunks + 16
        ),
        HostileFile(
            name: "a PNG header that claims to be longer than it is",
            head: PNGBuilder.signature + PNGBuilder.chunk("IHDR", zeros(13), length: .max),
            verdict: .refused
        ),
        HostileFile(
            name: "a WEBP chunk of 2^32 - 1 bytes",
            head: WebPBuilder.file(
                WebPBuilder.extended(64, 48),
                WebPBuilder.chunk("VP8 ", [1], size: .max)
            ),
            verdict: .image(.webp, 64, 48)
        ),
        HostileFile(
            name: "WEBP chunks of no bytes without end",
            head: WebPBuilder.file(WebPBuilder.extended(64, 48), size: .max),
            sizeBytes: hugeBytes,
            verdict: .image(.webp, 64, 48),
            readsMax: WebP.maxChunks + 16
        ),
        HostileFile(
            name: "JPEG segments that reach behind the end",
            head: JPEGBuilder.startOfImage + [0xFF, 0xE1, 0xFF, 0xFF, 1, 2, 3],
            verdict: .refused
        ),
        HostileFile(
            name: "JPEG segments of no bytes, which a reader could stay on",
            head: JPEGBuilder.startOfImage + [0xFF, 0xFE, 0, 0] * 1_000,
            verdict: .refused
        ),
        HostileFile(
            name: "JPEG segments as short as can be, without end",
            head: JPEGBuilder.startOfImage + JPEGBuilder.segment(0xFE, []) * 20_000,
            verdict: .refused,
            readsMax: JPEG.maxSegments + 16
        ),
        HostileFile(
            name: "a terabyte of JPEG fill bytes",
            head: JPEGBuilder.startOfImage,
            sizeBytes: hugeBytes,
            filler: 0xFF,
            verdict: .refused,
            readsMax: JPEG.maxPaddingBytes / 500 + 16
        ),
        HostileFile(
            name: "a box of 2^64 - 1 bytes",
            head: HEIF().fileType + bigEndian(UInt32(1)) + Array("free".utf8)
                + bigEndian(UInt64.max) + zeros(8),
            verdict: .refused
        ),
        HostileFile(
            name: "boxes of no content without end",
            head: HEIF().fileType + HEIF.box("free", []) * 20_000,
            verdict: .refused,
            readsMax: ImageFormat.HEIF.maxBoxes + 16
        ),
    ]
}
