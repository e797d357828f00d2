@testable internal import Server
internal import Testing
internal import UV

@Suite struct EvictedImagesTests {
    @Test func `an image counts as long as somebody reads it`() {
        var images = EvictedImages()
        var read: Buffer? = Buffer(capacity: 100)
        if let read { images.add(read, bytesMax: 1_000) }
        images.add(Buffer(capacity: 50), bytesMax: 1_000)
        #expect(images.bytes == 150 + 2 * ImageCache.entryOverheadBytes)
        images.prune()
        #expect(images.bytes == 100 + ImageCache.entryOverheadBytes)
        read = nil
        images.prune()
        #expect(images.bytes == 0)
    }

    @Test func `beyond the limit those that are free are forgotten without asking`() {
        var images = EvictedImages()
        let cost = 100 + ImageCache.entryOverheadBytes
        for _ in 0..<10 { images.add(Buffer(capacity: 100), bytesMax: 10 * cost) }
        #expect(images.bytes == 10 * cost)
        images.add(Buffer(capacity: 1), bytesMax: 10 * cost)
        #expect(images.bytes <= 1 + ImageCache.entryOverheadBytes)
    }

    @Test func `images are read into memory up to a limit and streamed one past it`() {
        let cache = ImageCache(budgetBytes: 1 << 30)
        let size = UInt64(ImageCache.contentBytesMax)
        let count = ImageCache.besidesBytesMax / ImageCache.contentBytesMax
        for _ in 0..<count { #expect(cache.load(sizeBytes: size)) }
        #expect(!cache.load(sizeBytes: 1))
        cache.loaded(sizeBytes: size)
        #expect(cache.load(sizeBytes: size))
    }
}
