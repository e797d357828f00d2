import Bytes
import Testing

@Suite struct ImageKindTests {
    /// Numbers that are on disk, names that clients see and media types that browsers act on: a
    /// change of any of them must be meant.
    @Test func `numbers, names and media types stay what they are`() {
        let pinned: [(UInt8, ImageKind, String, String)] = [
            (1, .jpeg, "JPEG", "image/jpeg"),
            (2, .png, "PNG", "image/png"),
            (3, .gif, "GIF", "image/gif"),
            (4, .webp, "WEBP", "image/webp"),
            (5, .bmp, "BMP", "image/bmp"),
            (6, .tiff, "TIFF", "image/tiff"),
            (7, .heif, "HEIF", "image/heic"),
            (8, .avif, "AVIF", "image/avif"),
        ]
        for (number, kind, name, mediaType) in pinned {
            #expect(kind.rawValue == number)
            #expect(ImageKind(rawValue: number) == kind)
            #expect(kind.name == name)
            #expect(kind.mediaType == mediaType)
        }
        #expect(ImageKind.allCases.count == pinned.count)
    }

    @Test(arguments: [0, 9, 255] as [UInt8])
    func `other numbers are no format`(number: UInt8) {
        #expect(ImageKind(rawValue: number) == nil)
    }
}
