import Bytes
import ImageFormat
import Testing

@Suite struct HostileHEIFTests {
    typealias Build = HEIFBuilder

    private func head(_ bytes: [UInt8]) -> ImageDescription? {
        outcome(of: bytes, isComplete: true).image
    }

    @Test func `as many boxes as the limit may come before the header, one more is refused`() {
        let whole = Build().encode()
        let fileType = Build().fileType
        let header = Array(whole.dropFirst(fileType.count))
        let free = Build.box("free", [])
        // `ftyp` and `meta` count as well. Offsets do not fit any more, so that there is no camera.
        let most = fileType + free * (HEIF.maxBoxes - 2) + header
        #expect(head(most)?.width == 64)
        let over = outcome(of: fileType + free * (HEIF.maxBoxes - 1) + header, isComplete: true)
        #expect(reason(of: over).contains("too many boxes"))
    }

    @Test func `boxes nested without end cost as much as one`() {
        var nested = Build.box("free", [])
        for _ in 0..<2_000 { nested = Build.box("meta", zeros(4) + nested) }
        let file = Build().fileType + nested
        #expect(
            reason(of: outcome(of: file, isComplete: true, maxReads: 16)).contains("no primary")
        )
    }

    @Test(arguments: [0, 7, .max] as [UInt64])
    func `a long size that cannot be is refused`(size: UInt64) {
        let box = bigEndian(UInt32(1)) + Array("free".utf8) + bigEndian(size) + zeros(8)
        expectRefusal(Build().fileType + box, size == .max ? "" : "a size that cannot be")
    }

    @Test(arguments: [2, 7] as [UInt32])
    func `a size smaller than the head of a box is refused`(size: UInt32) {
        let box = bigEndian(size) + Array("free".utf8)
        expectRefusal(Build().fileType + box, "a size that cannot be")
    }

    @Test func `a box larger than the one it lies in is refused`() {
        let inner = bigEndian(UInt32.max) + Array("pitm".utf8) + zeros(6)
        expectRefusal(Build().fileType + Build.fullBox("meta", 0, inner), "a size that cannot be")
    }

    @Test func `a header of size 0 reaches to the end of the file`() {
        let builder = Build(isMetaLast: true)
        var file = builder.encode()
        let start = builder.fileType.count + builder.mediaData.count
        file.replaceSubrange(start..<start + 4, with: zeros(4))
        expectImage(file, .heif, 64, 48, camera: Camera(make: "Maker", model: "Model 1"))
    }

    @Test func `locations that cannot be cost the camera and not the image`() {
        func file(_ location: [UInt8]) -> [UInt8] {
            var builder = Build()
            builder.itemLocation = Build.fullBox("iloc", 1, location)
            return builder.encode()
        }
        let item = bigEndian(UInt16(2)) + zeros(4)
        let far =
            bigEndian(UInt64.max) + bigEndian(UInt16(1)) + bigEndian(UInt64.max)
            + bigEndian(UInt64.max)
        let cases: [[UInt8]] = [
            [], [0x44], [0x44, 0x40, 0, 1],
            // Sizes that are none of 0, 4 and 8.
            [0x33, 0x30] + bigEndian(UInt16(1)) + item + zeros(30),
            // A base and an offset whose sum is over 2^64.
            [0x88, 0x80] + bigEndian(UInt16(1)) + item + far,
            // More items than there are.
            [0x44, 0x40] + bigEndian(UInt16.max) + bigEndian(UInt16(9)) + zeros(8),
            // No extent at all.
            [0x44, 0x40] + bigEndian(UInt16(1)) + item + zeros(4) + zeros(2),
        ]
        for location in cases { expectImage(file(location), .heif, 64, 48) }
    }

    @Test func `EXIF in as many extents as the limit is read, in one more it is not`() {
        func file(_ count: Int) -> [UInt8] {
            var builder = Build(isMetaLast: true)
            builder.exif?.append(contentsOf: zeros(100))
            let itemBytes = builder.mediaData.count - 8 - 30
            let offset = builder.fileType.count + 8
            var content = [0x44, 0x00] + bigEndian(UInt16(1)) + bigEndian(UInt16(2)) + zeros(4)
            content += bigEndian(UInt16(count))
            for index in 0..<count {
                let length = index == count - 1 ? itemBytes - index : 1
                content += bigEndian(UInt32(offset + index)) + bigEndian(UInt32(length))
            }
            builder.itemLocation = Build.fullBox("iloc", 1, content)
            return builder.encode()
        }
        #expect(head(file(HEIF.maxExtents))?.camera?.model == "Model 1")
        let over = ImageDescription(kind: .heif, width: 64, height: 48, camera: nil)
        #expect(head(file(HEIF.maxExtents + 1)) == over)
    }

    @Test func `as many associations as the limit are looked at, one more is refused`() {
        func file(_ count: Int) -> [UInt8] {
            let others = (bigEndian(UInt16(9)) + [0]) * (count - 1)
            let own = bigEndian(UInt16(1)) + [1, 1]
            let size = Build.fullBox("ispe", 0, bigEndian(UInt32(64)) + bigEndian(UInt32(48)))
            let associations = Build.fullBox("ipma", 0, bigEndian(UInt32(count)) + others + own)
            let properties = Build.box("iprp", Build.box("ipco", size) + associations)
            let primary = Build.fullBox("pitm", 0, [0, 1])
            return Build().fileType + Build.fullBox("meta", 0, primary + properties)
        }
        #expect(head(file(HEIF.maxItems))?.width == 64)
        let over = outcome(of: file(HEIF.maxItems + 1), isComplete: true)
        #expect(reason(of: over).contains("too many items"))
    }

    @Test func `tables that claim 2^32 - 1 items are refused or end where their box does`() {
        let claim = Build.fullBox("ipma", 0, bigEndian(UInt32.max))
        let primary = Build.fullBox("pitm", 0, [0, 1])
        let file = Build.fullBox("meta", 0, primary + Build.box("iprp", claim))
        expectRefusal(Build().fileType + file, "too many items")
        var builder = Build(exifItem: 2, locationVersion: 2)
        builder.itemLocation = Build.fullBox("iloc", 2, [0, 0] + bigEndian(UInt32.max) + zeros(64))
        expectImage(builder.encode(), .heif, 64, 48)
    }
}
