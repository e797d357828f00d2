internal import Bytes
internal import Catalog
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct ImageCacheTests {
    private static let contentBytes = 1_000
    /// What one of the entries below costs.
    private static let cost = contentBytes + headBytes + ImageCache.entryOverheadBytes
    private static let headBytes =
        ImageHead(representation(1, contentBytes)).whole.count

    private static func representation(
        _ number: UInt64,
        _ contentBytes: Int
    ) -> ImageRepresentation {
        let record = ImageRecord.sample(number, size: UInt64(contentBytes))
        return ImageRepresentation(record, now: record.firstUpload)
    }

    private func entry(_ number: UInt64, contentBytes: Int = contentBytes) -> ImageCache.Entry {
        ImageCache.Entry(
            Self.representation(number, contentBytes),
            content: OutputChunk(Buffer(capacity: contentBytes), 0..<contentBytes)
        )
    }

    private func id(_ number: UInt64) -> BlobID { ImageRecord.sample(number).id }

    private func insert(_ numbers: UInt64..., into cache: ImageCache) {
        for number in numbers { cache.insert(entry(number)) }
    }

    /// Which of the first ten images are kept; looking does not count as use here.
    private func kept(_ cache: ImageCache) -> [UInt64] {
        var found: [UInt64] = []
        for number in 0..<UInt64(10) where cache.entry(for: id(number)) != nil {
            found.append(number)
        }
        return found
    }

    @Test func `an image that was kept is found, another one is not`() {
        let cache = ImageCache(budgetBytes: 10 * Self.cost)
        insert(1, into: cache)
        #expect(cache.entry(for: id(1))?.representation.record.id == id(1))
        #expect(cache.entry(for: id(2)) == nil)
        #expect(cache.count == 1)
        #expect(cache.usedBytes == Self.cost)
    }

    @Test func `an image is found by its id as it stands in a path, in lower case only`() {
        let cache = ImageCache(budgetBytes: 10 * Self.cost)
        insert(1, 2, into: cache)
        // So each is looked up as the newest one and as an older one.
        for number in [2, 1, 1, 2] as [UInt64] {
            let name = id(number).hexBytes
            let padded = name + name
            #expect(cache.entry(named: name.span)?.id == id(number))
            #expect(cache.entry(named: name.span.extracting(0..<63)) == nil)
            #expect(cache.entry(named: padded.span.extracting(0..<65)) == nil)
            let capitals = Array(id(number).hex.uppercased().utf8)
            #expect(cache.entry(named: capitals.span) == nil)
        }
        let (other, none) = (id(3).hexBytes, [UInt8]())
        #expect(cache.entry(named: other.span) == nil && cache.entry(named: none.span) == nil)
    }

    @Test func `the budget is filled to the byte, and one byte less keeps one image less`() {
        for (budget, expected) in [(3 * Self.cost, [1, 2, 3]), (3 * Self.cost - 1, [2, 3])] {
            let cache = ImageCache(budgetBytes: budget)
            insert(1, 2, 3, into: cache)
            #expect(kept(cache) == expected.map(UInt64.init))
            #expect(cache.usedBytes == expected.count * Self.cost)
        }
    }

    @Test func `the image that was asked for longest ago goes first`() {
        let cache = ImageCache(budgetBytes: 3 * Self.cost)
        insert(1, 2, 3, into: cache)
        _ = cache.entry(for: id(1))
        insert(4, into: cache)
        #expect(kept(cache) == [1, 3, 4])
        // Looking went through 1, 3 and 4 in this order.
        insert(5, 6, into: cache)
        #expect(kept(cache) == [4, 5, 6])
    }

    @Test func `asking for the newest, a middle and the oldest image keeps the order whole`() {
        let cache = ImageCache(budgetBytes: 3 * Self.cost)
        insert(1, 2, 3, into: cache)
        for number in [3, 2, 1, 1, 3] as [UInt64] { _ = cache.entry(for: id(number)) }
        insert(4, into: cache)
        #expect(kept(cache) == [1, 3, 4])
    }

    @Test func `an image that comes again replaces itself and is counted once`() {
        let cache = ImageCache(budgetBytes: 3 * Self.cost)
        insert(1, 2, 1, into: cache)
        #expect(cache.count == 2)
        #expect(cache.usedBytes == 2 * Self.cost)
        insert(3, 4, into: cache)
        #expect(kept(cache) == [1, 3, 4])
    }

    @Test func `a large image drives out as many as it needs`() {
        let cache = ImageCache(budgetBytes: 4 * Self.cost)
        insert(1, 2, 3, 4, into: cache)
        cache.insert(entry(5, contentBytes: Self.contentBytes + 1))
        #expect(kept(cache) == [3, 4, 5])
    }

    @Test func `an image larger than the budget leaves the others alone`() {
        let cache = ImageCache(budgetBytes: Self.cost)
        insert(1, into: cache)
        cache.insert(entry(2, contentBytes: Self.contentBytes + 1))
        #expect(kept(cache) == [1])
    }

    @Test func `places of images that went are used again`() {
        let cache = ImageCache(budgetBytes: 2 * Self.cost)
        for number in 0..<UInt64(1_000) { cache.insert(entry(number)) }
        #expect(cache.count == 2)
        #expect(cache.usedBytes == 2 * Self.cost)
        #expect(cache.entry(for: id(999)) != nil && cache.entry(for: id(998)) != nil)
    }

    @Test func `only images that leave room for others are admitted`() {
        let small = ImageCache(budgetBytes: 8_000)
        #expect(small.admits(sizeBytes: 1_000))
        #expect(!small.admits(sizeBytes: 1_001))
        let large = ImageCache(budgetBytes: 1 << 40)
        #expect(large.admits(sizeBytes: UInt64(ImageCache.contentBytesMax)))
        #expect(!large.admits(sizeBytes: UInt64(ImageCache.contentBytesMax) + 1))
        #expect(!ImageCache(budgetBytes: 0).admits(sizeBytes: 1))
    }
}
