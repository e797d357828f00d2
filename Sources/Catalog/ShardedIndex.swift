/// A hash index from keys to their numbers, in thousands of small tables.
///
/// One large hash table moves all its entries when it grows. Here a key's hash first chooses one of
/// 4,096 shards, each of them a table with open addressing (linear probing) that grows alone: at
/// ten million entries a growing shard moves 2,400 of them, some ten microseconds.
///
/// The keys themselves stay with the caller. A slot holds a key's number, plus one so that zero
/// means free, and 32 bits of its hash: enough to move it without its key, and to look at another
/// key once in four thousand million times only, which matters because each look is a cache miss.
/// Nothing is ever removed, which keeps probing free of tombstones.
struct ShardedIndex: Sendable {
    /// How many bits of the hash choose the shard.
    private static let shardBits = 12
    /// Slots of a shard's first table.
    private static let smallestShardSlotCount = 8

    private struct Shard: Sendable {
        /// `[tag: 32 bits][number + 1: 32 bits]`, or zero; a power of two of them.
        private(set) var slots: [UInt64] = []
        /// The number of slots less one, which is where a probe goes round.
        ///
        /// The array knows it too, but in memory that is not in the cache: with a copy here, its
        /// header and the slot are fetched at the same time and not one after the other.
        private(set) var mask: UInt32 = 0
        var count: UInt32 = 0

        init() {}

        init(slots: [UInt64], count: Int) {
            self.count = UInt32(count)
            replaceSlots(slots)
        }

        mutating func replaceSlots(_ larger: [UInt64]) {
            slots = larger
            mask = UInt32(max(1, larger.count) - 1)
        }

        /// Puts an entry in the first free slot.
        mutating func place(_ entry: UInt64) { ShardedIndex.place(entry, in: &slots) }
    }

    private var shards: [Shard]

    /// Makes an empty index.
    init() { shards = [Shard](repeating: Shard(), count: 1 << Self.shardBits) }

    /// Finds the number of a key.
    ///
    /// - Parameters:
    ///   - hash: the key's hash, all 64 bits well mixed.
    ///   - matches: tells whether a number is that of the key.
    /// - Returns: the number, or `nil` when the key is not in the index.
    /// - Complexity: O(1).
    func find(hash: UInt64, matches: (Int) -> Bool) -> Int? {
        let shard = Self.shard(of: hash)
        guard shards[shard].count > 0 else { return nil }
        let slots = shards[shard].slots
        let mask = Int(shards[shard].mask)
        let tag = Self.tag(of: hash)
        var slot = Int(tag) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return nil }
            if UInt32(entry >> 32) == tag {
                let number = Self.number(of: entry)
                if matches(number) { return number }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Adds a key that `find` did not find.
    ///
    /// - Parameters:
    ///   - number: the key's number, below `UInt32.max`.
    ///   - hash: the key's hash.
    /// - Complexity: O(1) on average, O(entries of one shard) at worst.
    mutating func insert(_ number: Int, hash: UInt64) {
        let shard = Self.shard(of: hash)
        shards[shard].count += 1
        let slotCount = Self.slotCount(for: Int(shards[shard].count))
        if slotCount > shards[shard].slots.count { grow(shard, to: slotCount) }
        shards[shard].place(Self.entry(number, hash: hash))
    }

    /// Makes the index of keys that are all there.
    ///
    /// Entering keys one by one in the order of their arrival means a cache miss each, which is
    /// most of the time that it takes to load ten million images. Here they are first sorted by
    /// shard, and each shard is then built while all of it is in the cache.
    struct Builder: Sendable {
        private var hashes: [UInt64] = []

        /// Makes an empty builder.
        ///
        /// - Parameter expectedCount: about how many keys will come.
        init(expectedCount: Int) { hashes.reserveCapacity(expectedCount) }

        /// Notes the key of the next number; the first number is 0.
        ///
        /// - Parameter hash: the key's hash.
        mutating func append(hash: UInt64) { hashes.append(hash) }

        /// Builds the index.
        ///
        /// - Parameter areEqual: tells whether two numbers are those of equal keys.
        /// - Returns: the index, or `nil` when a key came twice.
        consuming func build(areEqual: (Int, Int) -> Bool) -> ShardedIndex? {
            // A counting sort: how many keys each shard has, hence where each shard's entries go.
            var ends = [Int](repeating: 0, count: 1 << ShardedIndex.shardBits)
            for hash in hashes { ends[ShardedIndex.shard(of: hash)] += 1 }
            var start = 0
            for shard in ends.indices {
                (ends[shard], start) = (start, start + ends[shard])
            }
            var entries = [UInt64](repeating: 0, count: hashes.count)
            for number in hashes.indices {
                let shard = ShardedIndex.shard(of: hashes[number])
                entries[ends[shard]] = ShardedIndex.entry(number, hash: hashes[number])
                ends[shard] += 1
            }
            var index = ShardedIndex()
            start = 0
            for shard in ends.indices {
                let part = entries[start..<ends[shard]]
                guard let slots = Self.table(of: part, areEqual: areEqual) else { return nil }
                index.shards[shard] = Shard(slots: slots, count: part.count)
                start = ends[shard]
            }
            return index
        }

        private static func table(
            of entries: ArraySlice<UInt64>,
            areEqual: (Int, Int) -> Bool
        ) -> [UInt64]? {
            guard !entries.isEmpty else { return [] }
            let slotCount = ShardedIndex.slotCount(for: entries.count)
            var slots = [UInt64](repeating: 0, count: slotCount)
            for entry in entries {
                var slot = Int(entry >> 32) & (slotCount - 1)
                while slots[slot] != 0 {
                    let other = slots[slot]
                    if other >> 32 == entry >> 32,
                        areEqual(ShardedIndex.number(of: other), ShardedIndex.number(of: entry))
                    {
                        return nil
                    }
                    slot = (slot + 1) & (slotCount - 1)
                }
                slots[slot] = entry
            }
            return slots
        }
    }

    private mutating func grow(_ shard: Int, to slotCount: Int) {
        var larger = [UInt64](repeating: 0, count: slotCount)
        for entry in shards[shard].slots where entry != 0 {
            Self.place(entry, in: &larger)
        }
        shards[shard].replaceSlots(larger)
    }

    private static func place(_ entry: UInt64, in slots: inout [UInt64]) {
        var slot = Int(entry >> 32) & (slots.count - 1)
        while slots[slot] != 0 {
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = entry
    }

    /// The table size for a number of entries: a power of two that they fill to three quarters at
    /// most.
    private static func slotCount(for count: Int) -> Int {
        var slotCount = smallestShardSlotCount
        while slotCount / 4 * 3 < count { slotCount <<= 1 }
        return slotCount
    }

    private static func entry(_ number: Int, hash: UInt64) -> UInt64 {
        precondition(number < Int(UInt32.max), "numbers have 32 bits and zero is taken")
        return UInt64(tag(of: hash)) << 32 | UInt64(number + 1)
    }

    private static func number(of entry: UInt64) -> Int { Int(entry & 0xFFFF_FFFF) - 1 }

    /// The shard comes from the top bits of the hash, the tag from the 32 below: no bit serves
    /// twice.
    private static func shard(of hash: UInt64) -> Int { Int(hash >> (64 - shardBits)) }
    private static func tag(of hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash >> (32 - shardBits))
    }
}
