import TestSupport
import Testing

@testable import Catalog

@Suite struct ShardedIndexTests {
    private static func hashes(_ count: Int) -> [UInt64] {
        var random = SeededRandom(seed: 7)
        return (0..<count).map { _ in random.next() }
    }

    @Test func `what was inserted is found, and nothing else`() {
        let hashes = Self.hashes(100_000)
        var index = ShardedIndex()
        for (number, hash) in hashes.enumerated() {
            #expect(index.find(hash: hash, matches: { hashes[$0] == hash }) == nil)
            index.insert(number, hash: hash)
        }
        for (number, hash) in hashes.enumerated() {
            #expect(index.find(hash: hash, matches: { hashes[$0] == hash }) == number)
        }
    }

    @Test func `keys with one hash are told apart by the caller`() {
        var index = ShardedIndex()
        for number in 0..<50 { index.insert(number, hash: 42) }
        for number in 0..<50 { #expect(index.find(hash: 42, matches: { $0 == number }) == number) }
        #expect(index.find(hash: 42, matches: { _ in false }) == nil)
    }

    @Test func `other hashes cost no look at the key`() {
        let hashes = Self.hashes(20_000)
        var index = ShardedIndex()
        for (number, hash) in hashes.enumerated() { index.insert(number, hash: hash) }
        var looks = 0
        for hash in hashes {
            _ = index.find(hash: ~hash) { _ in
                looks += 1
                return false
            }
        }
        #expect(looks <= 2)
    }

    @Test func `a built index is the same as a grown one`() throws {
        let hashes = Self.hashes(50_000)
        var builder = ShardedIndex.Builder(expectedCount: hashes.count)
        for hash in hashes { builder.append(hash: hash) }
        let built = builder.build(areEqual: { hashes[$0] == hashes[$1] })
        var index = try #require(built)
        for (number, hash) in hashes.enumerated() {
            #expect(index.find(hash: hash, matches: { hashes[$0] == hash }) == number)
        }
        index.insert(50_000, hash: 1)
        #expect(index.find(hash: 1, matches: { $0 == 50_000 }) == 50_000)
    }

    @Test func `a key that comes twice is not built`() {
        var builder = ShardedIndex.Builder(expectedCount: 0)
        for hash: UInt64 in [1, 2, 3, 2] { builder.append(hash: hash) }
        let built = builder.build(areEqual: { _, _ in true })
        #expect(built == nil)
    }

    @Test func `an empty index is built and finds nothing`() throws {
        let built = ShardedIndex.Builder(expectedCount: 0).build(areEqual: { _, _ in true })
        #expect(try #require(built).find(hash: 0, matches: { _ in true }) == nil)
    }
}
