/// A hash index from keys to their numbers, in thousands of small tables.
///
/// One large hash table moves all its entries when it grows. Here a key's hash first chooses one of
/// 4,096 shards, each of them a table with open addressing (linear probing) that grows alone: at ten
/// million entries a growing shard moves 2,400 of them, about a tenth of a millisecond.
///
/// The keys themselves stay with the caller; a slot holds only a number, plus one so that zero means
/// free. Nothing is ever removed, which keeps probing free of tombstones.
struct ShardedIndex: Sendable {
    /// How many bits of the hash choose the shard.
    private static let shardBits = 12
    /// Slots of a shard's first table.
    private static let smallestShardSlotCount = 8

    private struct Shard: Sendable {
        var slots: [UInt32] = []
        var count = 0
    }

    private var shards: [Shard]

    /// Makes an empty index.
    ///
    /// - Parameter expectedCount: entries that will surely come, for which room is made at once.
    init(expectedCount: Int = 0) {
        var shard = Shard()
        if expectedCount > 0 {
            // An eighth more than the average, because shards fill unevenly.
            let average = expectedCount >> Self.shardBits
            let needed = Self.slotCount(for: average + average / 8 + 1)
            shard.slots = [UInt32](repeating: 0, count: needed)
        }
        shards = [Shard](repeating: shard, count: 1 << Self.shardBits)
    }

    /// Finds the number of a key.
    ///
    /// - Parameters:
    ///   - hash: the key's hash, all 64 bits well mixed.
    ///   - matches: tells whether a number is that of the key.
    /// - Returns: the number, or `nil` when the key is not in the index.
    /// - Complexity: O(1).
    func find(hash: UInt64, matches: (Int) -> Bool) -> Int? {
        let shard = Self.shardNumber(of: hash)
        let slotCount = shards[shard].slots.count
        guard slotCount > 0 else { return nil }
        var slot = Self.slotHash(of: hash) & (slotCount - 1)
        while true {
            let entry = shards[shard].slots[slot]
            if entry == 0 { return nil }
            if matches(Int(entry) - 1) { return Int(entry) - 1 }
            slot = (slot + 1) & (slotCount - 1)
        }
    }

    /// Adds a key that `find` did not find.
    ///
    /// - Parameters:
    ///   - number: the key's number, below `UInt32.max`.
    ///   - hash: the key's hash.
    ///   - hashOf: gives the hash of a number's key, for entries that move.
    /// - Complexity: O(1) on average, O(entries of one shard) at worst.
    mutating func insert(_ number: Int, hash: UInt64, hashOf: (Int) -> UInt64) {
        precondition(number < Int(UInt32.max), "numbers have 32 bits and zero is taken")
        let shard = Self.shardNumber(of: hash)
        shards[shard].count += 1
        if Self.slotCount(for: shards[shard].count) > shards[shard].slots.count {
            grow(shard, hashOf: hashOf)
        }
        Self.place(UInt32(number + 1), hash: hash, in: &shards[shard].slots)
    }

    private mutating func grow(_ shard: Int, hashOf: (Int) -> UInt64) {
        let needed = Self.slotCount(for: shards[shard].count)
        var larger = [UInt32](repeating: 0, count: needed)
        for entry in shards[shard].slots where entry != 0 {
            Self.place(entry, hash: hashOf(Int(entry) - 1), in: &larger)
        }
        shards[shard].slots = larger
    }

    private static func place(_ entry: UInt32, hash: UInt64, in slots: inout [UInt32]) {
        var slot = slotHash(of: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = entry
    }

    /// The table size for a number of entries: a power of two that they fill to three quarters at most.
    private static func slotCount(for count: Int) -> Int {
        var slotCount = smallestShardSlotCount
        while slotCount / 4 * 3 < count { slotCount <<= 1 }
        return slotCount
    }

    /// The shard comes from the top bits of the hash, the slot from the next 32: no bit serves twice.
    private static func shardNumber(of hash: UInt64) -> Int { Int(hash >> (64 - shardBits)) }
    private static func slotHash(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> (32 - shardBits) & 0xFFFF_FFFF)
    }
}
