/// The keys that clients may use, behind a type that never shows them.
///
/// Comparing takes the same time whatever key is sent, whichever key it matches and however many
/// keys there are, so that timing tells nothing about a key: every key stands in a slot of a fixed
/// size, every slot is compared to its end, and nothing on the way branches on a key's bytes. Only
/// the length of what the client itself sent may show.
package struct APIKeys: Sendable {
    /// The most keys: a rotation needs two, a handful of client programs some more.
    ///
    /// Every comparison goes over this many slots.
    package static var keyCountMax: Int { 16 }
    /// The longest key in bytes: 2,048 bits are beyond guessing even in hexadecimal.
    ///
    /// Every slot has this size.
    package static var keyBytesMax: Int { 256 }

    /// Words of a slot: the key's bytes, zeros after it, and its length as the last word, so that a
    /// key and the same key with zeros after it differ.
    private static var slotWordCount: Int { keyBytesMax / 8 + 1 }
    /// The length word of an unused slot, which no sent key can have.
    private static var unusedLength: UInt64 { .max }

    private let slots: [UInt64]
    /// How many keys there are.
    package let count: Int
    /// Bytes of the shortest key: a shorter text holds none.
    let shortestBytes: Int

    /// Takes keys.
    ///
    /// - Parameter keys: `1...keyCountMax` keys of `1...keyBytesMax` bytes.
    package init(_ keys: [[UInt8]]) {
        precondition((1...Self.keyCountMax).contains(keys.count), "there is at least one key")
        var slots: [UInt64] = []
        slots.reserveCapacity(Self.keyCountMax * Self.slotWordCount)
        for key in keys {
            precondition((1...Self.keyBytesMax).contains(key.count), "a key fits its slot")
            let slot = Self.slot(for: key.span)
            for i in slot.indices { slots.append(slot[i]) }
        }
        for _ in keys.count..<Self.keyCountMax {
            slots.append(contentsOf: repeatElement(0, count: Self.slotWordCount - 1))
            slots.append(Self.unusedLength)
        }
        self.slots = slots
        count = keys.count
        shortestBytes = keys.map(\.count).min() ?? 0
    }

    /// Lends each key, for the one who keeps them out of the log.
    ///
    /// - Parameter body: called with the bytes of each.
    func forEachKey(_ body: (Span<UInt8>) -> Void) {
        for slot in 0..<count {
            let words = slots[slot * Self.slotWordCount..<(slot + 1) * Self.slotWordCount]
            let length = Int(words[words.endIndex - 1])
            let key = (0..<length).map { i in
                UInt8(truncatingIfNeeded: words[words.startIndex + i / 8] >> UInt64(i % 8 * 8))
            }
            body(key.span)
        }
    }

    /// Tells whether a key is one of these, in constant time.
    ///
    /// - Parameter key: the key as the client sent it, of any length.
    /// - Returns: true when it equals one of the keys in every byte.
    /// - Complexity: O(`keyCountMax` × `keyBytesMax`), always; without memory from the heap.
    @inline(never)
    package func contains(_ key: Span<UInt8>) -> Bool {
        let sentSlot = Self.slot(for: key)
        // Spans, because a subscript of the inline array copies all of it each time.
        let sent = sentSlot.span
        let slots = slots.span
        var matchCount: UInt64 = 0
        for slot in 0..<Self.keyCountMax {
            var difference: UInt64 = 0
            for word in 0..<Self.slotWordCount {
                difference |= slots[slot * Self.slotWordCount + word] ^ sent[word]
            }
            // The top bit of `x | -x` is 0 for zero only; that saves a branch on the difference.
            matchCount += 1 - (difference | (0 &- difference)) >> 63
        }
        return matchCount > 0
    }

    /// Lays a key out as a slot.
    ///
    /// A longer one than fits is cut, and its length tells it apart.
    private static func slot(for key: Span<UInt8>) -> [33 of UInt64] {
        precondition(slotWordCount == 33, "the type above has the size of a slot")
        var words: [33 of UInt64] = .init(repeating: 0)
        for i in 0..<min(key.count, keyBytesMax) {
            words[i / 8] |= UInt64(key[i]) << UInt64(i % 8 * 8)
        }
        words[slotWordCount - 1] = UInt64(key.count)
        return words
    }
}

extension APIKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { count == 1 ? "1 key" : "\(count) keys" }
    package var debugDescription: String { description }
    /// Without children, so that `dump` shows none.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
