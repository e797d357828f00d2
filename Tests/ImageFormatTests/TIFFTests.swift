import Bytes
import ImageFormat
import Testing

@Suite struct TIFFTests {
    /// Files of both byte orders, classic and big.
    static let layouts: [TIFFBuilder] = [
        TIFFBuilder(), TIFFBuilder(isLittleEndian: false),
        TIFFBuilder(isBig: true), TIFFBuilder(isLittleEndian: false, isBig: true),
    ]

    private func withCamera(_ layout: TIFFBuilder) -> TIFFBuilder {
        var builder = layout
        builder.add(width: 64, height: 48)
        builder.add(0x010F, text: "Maker")
        builder.add(0x0110, text: "Model 1")
        return builder
    }

    let camera = Camera(make: "Maker", model: "Model 1")

    @Test(arguments: layouts.indices)
    func `the first directory gives size and camera in every layout`(index: Int) {
        let builder = withCamera(Self.layouts[index])
        expectImage(builder.encode(), .tiff, 64, 48, camera: camera)
    }

    @Test(arguments: layouts.indices)
    func `the directory may stand at the end, behind image data and values`(index: Int) {
        var builder = withCamera(Self.layouts[index])
        builder.gapBytes = 700
        builder.hasValuesFirst = true
        expectImage(builder.encode(), .tiff, 64, 48, camera: camera)
    }

    @Test(arguments: layouts.indices)
    func `sides may be bytes, short or long`(index: Int) {
        var builder = Self.layouts[index]
        builder.entries.append(.init(tag: 256, type: 1, count: 1, value: [200]))
        builder.add(257, long: 100_000)
        expectImage(builder.encode(), .tiff, 200, 100_000)
    }

    @Test func `a BigTIFF's sides may have 64 bits, as long as they fit in 32`() {
        var builder = TIFFBuilder(isBig: true)
        builder.add(256, long8: 64)
        builder.add(257, long8: UInt64(UInt32.max))
        expectImage(builder.encode(), .tiff, 64, .max)
        builder.entries[1].value = builder.integer(UInt64(UInt32.max) + 1)
        expectRefusal(builder.encode(), "no width and height")
    }

    @Test func `of a tag given twice the first one counts`() {
        var builder = TIFFBuilder()
        builder.add(width: 64, height: 48)
        builder.add(width: 1, height: 1)
        expectImage(builder.encode(), .tiff, 64, 48)
    }

    @Test func `sides that are missing, 0 or no whole numbers are refused`() {
        var builder = TIFFBuilder()
        builder.add(256, short: 64)
        expectRefusal(builder.encode(), "no width and height")
        builder.add(257, short: 0)
        expectRefusal(builder.encode(), "width or height of 0")
        builder.entries[1] = .init(tag: 257, type: 11, count: 1, value: [0, 0, 0x80, 0x3F])
        expectRefusal(builder.encode(), "no width and height")
        builder.entries[1] = .init(tag: 257, type: 3, count: 0, value: [1, 0])
        expectRefusal(builder.encode(), "no width and height")
    }

    @Test func `a directory that is nowhere is refused`() {
        for place in [0, 4, 100_000, UInt64(UInt32.max)] {
            var builder = withCamera(TIFFBuilder())
            builder.claimedDirectory = place
            expectRefusal(builder.encode(), "no first directory")
        }
        var big = withCamera(TIFFBuilder(isBig: true))
        big.claimedDirectory = .max
        expectRefusal(big.encode(), "no first directory")
    }

    @Test func `a directory cut at its end is refused`() {
        var builder = TIFFBuilder()
        builder.add(width: 64, height: 48)
        let afterEntries = Array(builder.encode().dropLast(4))
        expectImage(afterEntries, .tiff, 64, 48)
        expectRefusal(Array(afterEntries.dropLast()), "ends inside its header")
    }

    @Test(arguments: layouts.indices)
    func `directories that lead to each other are not followed`(index: Int) throws {
        var builder = withCamera(Self.layouts[index])
        builder.nextDirectory = builder.isBig ? 16 : 8
        // The EXIF directory is the first one again.
        builder.add(0x8769, long: builder.isBig ? 16 : 8)
        expectImage(builder.encode(), .tiff, 64, 48, camera: camera)
    }

    @Test(arguments: layouts.indices)
    func `as many entries as the limit are read, one more is not`(index: Int) {
        var builder = Self.layouts[index]
        for _ in 0..<TIFFDirectory.maxEntries - 2 { builder.add(0xC000, short: 1) }
        builder.add(width: 64, height: 48)
        let found = outcome(of: builder.encode(), isComplete: true)
        #expect(found.image == .init(kind: .tiff, width: 64, height: 48, camera: nil))
        builder.entries.insert(builder.entries[0], at: 0)
        let over = outcome(of: builder.encode(), isComplete: true)
        #expect(reason(of: over).contains("no width and height"))
    }

    @Test func `a BigTIFF that claims any number of entries costs no more than the limit`() {
        var builder = TIFFBuilder(isBig: true)
        builder.claimedCount = .max
        var source = CountingImageSource(builder.encode(), filler: 1, count: 1 << 40)
        #expect(throws: ImageFormatError.self) { try ImageInspector.inspect(&source) }
        #expect(source.reads <= TIFFDirectory.maxEntries * 20 / 492 + 4)
    }

    @Test func `a directory two gibibytes away is read like any other`() throws {
        var builder = withCamera(TIFFBuilder())
        let nearby = builder.encode()
        builder.claimedDirectory = (2 << 30) - 1
        let head = Array(builder.encode().prefix(8))
        var source = FarDirectorySource(head: head, tail: Array(nearby.dropFirst(8)))
        let found = try ImageInspector.inspect(&source)
        #expect(found.width == 64)
        // The values' offsets still point near the start, where there is filler: no camera.
        #expect(found.camera == nil)
    }
}

/// A file of a head, filler up to 2 GiB - 1, and a tail.
private struct FarDirectorySource: ImageSource {
    var head: [UInt8]
    var tail: [UInt8]
    private let tailOffset: UInt64 = (2 << 30) - 1

    init(head: [UInt8], tail: [UInt8]) {
        self.head = head
        self.tail = tail
    }

    var availableBytes: UInt64 { tailOffset + UInt64(tail.count) }
    var isComplete: Bool { true }

    func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        let end = min(availableBytes, offset + UInt64(count))
        guard offset < end else { return [] }
        return (offset..<end).map { place in
            if place >= tailOffset { return tail[Int(place - tailOffset)] }
            return place < UInt64(head.count) ? head[Int(place)] : 0
        }
    }
}
