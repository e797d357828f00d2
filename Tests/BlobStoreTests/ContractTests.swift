import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What every store promises.
///
/// `StoreUnderTest.all` says which stores there are.
@Suite struct ContractTests {
    private static let stores = StoreUnderTest.all

    @Test(arguments: stores)
    func `what was put is read back`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let content = bytes(100_000, seed: 1)
            let receipt = try driver.put(content)
            #expect(try driver.content(receipt.ids[0]) == content)
            driver.store.confirm(receipt)
            #expect(try driver.content(receipt.ids[0]) == content)
        }
    }

    @Test(arguments: stores)
    func `the id is the SHA-256 of the content`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            // FIPS 180-4, example "abc", and the digest of nothing.
            let receipt = try driver.put(Array("abc".utf8), [])
            #expect(
                receipt.ids.map(\.hex) == [
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                ]
            )
        }
    }

    @Test(arguments: stores)
    func `work with an incoming blob runs elsewhere and completes on the loop`(
        _ store: StoreUnderTest
    ) throws {
        try store.with { driver in
            let content = bytes(100_000, seed: 9)
            let blob = driver.store.makeIncoming()
            let received: Result<BlobID, BlobStoreError> = driver.wait { completion in
                driver.store.receive(on: driver.loop) {
                    do throws(BlobStoreError) {
                        try blob.append(content.span)
                        return .success(try blob.seal())
                    } catch {
                        return .failure(error)
                    }
                } completion: { (result: Result<BlobID, BlobStoreError>) in
                    completion(result)
                }
            }
            let receipt = try driver.wait { completion in
                driver.store.put([blob], on: driver.loop, completion: completion)
            }.get()
            #expect(try receipt.ids == [received.get()])
            #expect(try driver.content(receipt.ids[0]) == content)
        }
    }

    @Test(arguments: stores)
    func `nothing is visible before the put`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let blob = try driver.sealed(bytes(10, seed: 2))
            #expect(try driver.list().isEmpty)
            #expect(code { try driver.open(blob.seal()) } == .notFound)
            blob.discard()
        }
    }

    @Test(arguments: stores)
    func `the same content put again keeps one blob`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let content = bytes(1000, seed: 3)
            let first = try driver.put(content)
            driver.store.confirm(first)
            let second = try driver.put(content)
            driver.store.revoke(second)
            try driver.settle()
            #expect(first.ids == second.ids)
            #expect(try driver.list() == first.ids)
            #expect(try driver.content(first.ids[0]) == content)
        }
    }

    @Test(arguments: stores)
    func `the same content twice in one put is one blob`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let receipt = try driver.put([1, 2, 3], [4], [1, 2, 3])
            #expect(receipt.ids[0] == receipt.ids[2])
            #expect(try driver.list() == Set(receipt.ids).sorted())
            driver.store.revoke(receipt)
            try driver.settle()
            #expect(try driver.list().isEmpty)
        }
    }

    @Test(arguments: stores)
    func `an empty blob is a blob`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let id = try driver.put([]).ids[0]
            #expect(try driver.stat(id).sizeBytes == 0)
            #expect(try driver.content(id) == [])
            #expect(try driver.open(id, prefetch: 0..<10).prefetchedCount == 0)
        }
    }

    @Test(arguments: stores)
    func `a put of nothing completes`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let receipt = try driver.put()
            #expect(receipt.ids.isEmpty)
        }
    }

    @Test(arguments: stores)
    func `status tells size and time`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let status = try driver.stat(driver.put(bytes(777, seed: 4)).ids[0])
            #expect(status.sizeBytes == 777)
            // A real disk has a real clock.
            #expect(status.modifiedSeconds >= StoreUnderTest.nowSeconds)
        }
    }

    @Test(arguments: stores)
    func `an unknown id is not found`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let id = BlobID(digest: bytes(32, seed: 5).span)
            #expect(code { try driver.open(id) } == .notFound)
            #expect(code { try driver.stat(id) } == .notFound)
            #expect(code { try driver.remove(id) } == .notFound)
        }
    }

    @Test(arguments: stores)
    func `all blobs are listed in order, each once`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            var ids: [BlobID] = []
            for seed in 0..<40 {
                ids += try driver.put(bytes(seed, seed: 6), bytes(seed, seed: 7)).ids
            }
            #expect(try driver.list() == Set(ids).sorted())
        }
    }

    @Test(arguments: stores)
    func `a listing ends with the page after which nobody wants more`(
        _ store: StoreUnderTest
    ) throws {
        try store.with { driver in
            for seed in 0..<40 { _ = try driver.put(bytes(seed, seed: 6)) }
            let all = try driver.pages { _ in true }
            let first = try driver.pages { _ in false }
            #expect(first == [all[0]])
            let second = all.prefix(2).last
            let both = try driver.pages { $0 != second }
            #expect(both == Array(all.prefix(2)))
        }
    }

    @Test(arguments: stores)
    func `a removed blob is gone, and can be put again`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let content = bytes(50, seed: 8)
            let receipt = try driver.put(content)
            let id = receipt.ids[0]
            driver.store.confirm(receipt)
            try driver.settle()
            try driver.remove(id)
            #expect(code { try driver.open(id) } == .notFound)
            #expect(try driver.list().isEmpty)
            #expect(try driver.content(driver.put(content).ids[0]) == content)
        }
    }

    @Test(arguments: stores)
    func `a claimed blob is not removed`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let receipt = try driver.put([1])
            #expect(code { try driver.remove(receipt.ids[0]) } == .inUse)
            #expect(try driver.content(receipt.ids[0]) == [1])
        }
    }

    @Test(arguments: stores)
    func `the store can be written`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let result: Result<Void, BlobStoreError> = driver.wait {
                driver.store.probeWritable(on: driver.loop, completion: $0)
            }
            try result.get()
            #expect(try driver.list().isEmpty)
        }
    }

    @Test(arguments: stores)
    func `closing twice is harmless`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let receipt = try driver.put([2])
            driver.store.close()
            driver.store.close()
            // At shutdown the last upload may hear of its fate after the store was closed.
            driver.store.confirm(receipt)
        }
    }
}
