import Bytes
import ImageFormat
import Testing

/// What the readers promise together: the budget, and what becomes of a source that fails.
@Suite struct HeaderReaderTests {
    /// A source that fails from some read on.
    private struct FailingSource: ImageSource {
        var whole: ArrayImageSource
        var readsLeft: Int
        var availableBytes: UInt64 { whole.availableBytes }
        var isComplete: Bool { true }

        mutating func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
            guard readsLeft > 0 else { throw .sourceFailed("the disk is gone") }
            readsLeft -= 1
            return try whole.read(at: offset, count: count)
        }
    }

    @Test func `integers are read in both orders, up to the last byte of the file`() throws {
        let source = ArrayImageSource([0x80, 1, 2, 3, 4, 5, 6, 7, 8], isComplete: true)
        var reader = HeaderReader(source, maxReads: 10)
        #expect(try reader.integer(at: 0, .big, as: UInt8.self) == 0x80)
        #expect(try reader.integer(at: 1, .big, as: UInt64.self) == 0x0102_0304_0506_0708)
        #expect(try reader.integer(at: 1, .little, as: UInt32.self) == 0x0403_0201)
        #expect(try reader.integer(at: 7, .little, as: UInt16.self) == 0x0807)
        for offset in [8, 9, UInt64.max - 1, UInt64.max] {
            #expect(throws: ImageFormatError.self) {
                try reader.integer(at: offset, .big, as: UInt16.self)
            }
            #expect(try reader.bytesIfPresent(at: offset, count: 2) == nil)
        }
    }

    @Test func `bytes side by side cost one read for a whole window`() throws {
        let window = HeaderReader<CountingImageSource>.windowBytes
        var reader = HeaderReader(CountingImageSource(zeros(window + 1)), maxReads: 10)
        for offset in 0..<UInt64(window) { _ = try reader.bytes(at: offset, count: 1) }
        #expect(reader.source.reads == 1)
        _ = try reader.bytes(at: UInt64(window), count: 1)
        #expect(reader.source.reads == 2)
    }

    @Test func `a source that fails at any read is no damaged file`() throws {
        let files = [
            JPEGBuilder.file(JPEGBuilder.exif(.camera())),
            PNGBuilder.file(PNGBuilder.chunk("IDAT", zeros(2_000)), PNGBuilder.imageData),
            HEIFBuilder(isMetaLast: true).encode(),
        ]
        for file in files {
            var counter = CountingImageSource(file)
            #expect(throws: Never.self) { try ImageInspector.inspect(&counter) }
            for reads in 0..<counter.reads {
                var source = FailingSource(
                    whole: ArrayImageSource(file, isComplete: true),
                    readsLeft: reads
                )
                #expect(throws: ImageFormatError.sourceFailed("the disk is gone")) {
                    try ImageInspector.inspect(&source)
                }
            }
        }
    }

    @Test
    func `a file that costs as many reads as the budget is read, with one less it is refused`()
        throws
    {
        // Chunks that lie further apart than the reader's window: one read each.
        let file = PNGBuilder.file(
            PNGBuilder.chunk("IDAT", zeros(2_000)),
            PNGBuilder.chunk("IDAT", zeros(2_000)),
            PNGBuilder.chunk("eXIf", TIFFBuilder.camera().encode())
        )
        var whole = CountingImageSource(file)
        let expected = try ImageInspector.inspect(&whole)
        var enough = CountingImageSource(file)
        #expect(try ImageInspector.inspect(&enough, maxReads: whole.reads) == expected)
        for maxReads in 1..<whole.reads {
            var source = CountingImageSource(file)
            let refused = #expect(throws: ImageFormatError.self) {
                try ImageInspector.inspect(&source, maxReads: maxReads)
            }
            #expect(refused?.reason?.contains("too many places") == true)
            #expect(source.reads == maxReads)
        }
    }

    @Test func `a budget spent in looking for EXIF costs an HEIF file only its camera`() throws {
        // Items with long names lie further apart than the reader's window.
        let entry = HEIFBuilder.fullBox("infe", 2, zeros(4) + Array("mime".utf8) + zeros(600))
        var builder = HEIFBuilder()
        builder.itemInfoBefore = entry * 100
        var whole = CountingImageSource(builder.encode())
        let expected = ImageDescription(
            kind: .heif,
            width: 64,
            height: 48,
            camera: Camera(make: "Maker", model: "Model 1")
        )
        #expect(try ImageInspector.inspect(&whole) == expected)
        var source = CountingImageSource(builder.encode())
        let found = try ImageInspector.inspect(&source, maxReads: 50)
        #expect(found == ImageDescription(kind: .heif, width: 64, height: 48, camera: nil))
        #expect(source.reads == 50)
    }
}
