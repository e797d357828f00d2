import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What every store promises to those who read.
@Suite struct ReadingContractTests {
    private static let stores = StoreUnderTest.all
    private static let content = bytes(10_000, seed: 30)

    @Test(
        arguments: stores,
        [0..<0, 0..<1, 0..<10_000, 9_999..<10_000, 10_000..<10_000, 1_234..<5_678]
            as [Range<UInt64>]
    )
    func `any range is read`(_ store: StoreUnderTest, _ range: Range<UInt64>) throws {
        try store.with { driver in
            let blob = try driver.open(driver.put(Self.content).ids[0])
            let part = Int(range.lowerBound)..<Int(range.upperBound)
            #expect(try driver.read(range, of: blob) == Array(Self.content[part]))
        }
    }

    @Test(
        arguments: stores,
        [0..<0, 0..<100, 0..<10_000, 0..<10_001, 9_000..<20_000, 20_000..<30_000, 0..<UInt64.max]
            as [Range<UInt64>]
    )
    func `a prefetch is cut to what exists`(
        _ store: StoreUnderTest,
        _ wish: Range<UInt64>
    ) throws {
        try store.with { driver in
            let blob = try driver.open(driver.put(Self.content).ids[0], prefetch: wish)
            let lower = min(Int(wish.lowerBound), 10_000)
            let upper = Int(min(wish.upperBound, 10_000))
            #expect(blob.sizeBytes == 10_000)
            #expect(
                blob.prefetched.span.copy(0..<blob.prefetchedCount)
                    == Array(Self.content[lower..<max(lower, upper)])
            )
            // What was prefetched can be read as well, and so can the rest.
            #expect(try driver.read(0..<10_000, of: blob) == Self.content)
        }
    }

    @Test(arguments: stores, [0, 1])
    func `a prefetch has a limit`(_ store: StoreUnderTest, _ excess: Int) throws {
        try store.with { driver in
            let size = BlobStoreLimits.prefetchBytes + excess
            let content = bytes(size, seed: 31)
            let id = try driver.put(content).ids[0]
            let blob = try driver.open(id, prefetch: 0..<UInt64(size))
            #expect(blob.prefetchedCount == BlobStoreLimits.prefetchBytes)
            #expect(try driver.read(0..<UInt64(size), of: blob) == content)
        }
    }

    @Test(arguments: stores)
    func `a reader reads on while the blob is removed`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let receipt = try driver.put(Self.content)
            driver.store.confirm(receipt)
            try driver.settle()
            let blob = try driver.open(receipt.ids[0], prefetch: 0..<10)
            try driver.remove(receipt.ids[0])
            #expect(try driver.read(0..<10_000, of: blob) == Self.content)
        }
    }

    @Test(arguments: stores)
    func `closing ends a reader once, and not the read under way`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let blob = try driver.open(driver.put(Self.content).ids[0])
            let buffer = Buffer(capacity: 10_000)
            let result: Result<Int, BlobStoreError> = driver.wait { completion in
                blob.read(0..<10_000, into: buffer, on: driver.loop, completion: completion)
                blob.close()
                blob.close()
            }
            #expect(try result.get() == 10_000)
            #expect(buffer.span.copy() == Self.content)
        }
    }

    @Test(arguments: stores)
    func `several readers of one blob do not meet`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let id = try driver.put(Self.content).ids[0]
            let first = try driver.open(id)
            let second = try driver.open(id)
            first.close()
            #expect(try driver.read(5..<10, of: second) == Array(Self.content[5..<10]))
        }
    }
}
