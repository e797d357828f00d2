/// How the parser finds the tag of a field name: a small open-addressed hash table over length,
/// first and last letter, which tells the tagged names apart almost without collisions.
extension FieldName {
    /// Slots of the table: a power of two, well above the number of names.
    private static let slotCount = 128
    /// Marks a slot without a name.
    private static let emptySlot: UInt8 = 0xFF

    /// Finds the tag of a name.
    ///
    /// - Parameters:
    ///   - bytes: where it lies.
    ///   - range: the name, token characters only, at least one.
    /// - Returns: the tag, or `untagged`.
    static func tag(of bytes: Span<UInt8>, _ range: Range<Int>) -> UInt8 {
        var slot = Self.slot(bytes, range)
        while true {
            let candidate = table.slots[slot]
            if candidate == emptySlot { return untagged }
            if isSame(bytes, range, candidate) { return candidate }
            slot = (slot + 1) & (slotCount - 1)
        }
    }

    @inline(__always)
    private static func slot(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        // Setting bit 5 makes letters lower case. The factors were found by trying: no collision.
        let first = Int(bytes[range.lowerBound] | 0x20)
        let last = Int(bytes[range.upperBound - 1] | 0x20)
        return (range.count &+ first &* 5 &+ last &* 25) & (slotCount - 1)
    }

    private static func isSame(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ candidate: UInt8
    ) -> Bool {
        let start = table.starts[Int(candidate)]
        guard table.starts[Int(candidate) + 1] - start == range.count else { return false }
        // Token characters only: there bit 5 alone tells an upper-case letter from its lower-case
        // one, and no other token character becomes a letter, digit or hyphen by setting it.
        for i in 0..<range.count
        where bytes[range.lowerBound + i] | 0x20 != table.lowercased[start + i] {
            return false
        }
        return true
    }

    /// The names in lower case one after another, where each starts, and the slots.
    private struct Table {
        var lowercased: [UInt8] = []
        var starts: [Int] = [0]
        var slots = [UInt8](repeating: emptySlot, count: slotCount)

        init() {
            for (tag, name) in FieldName.tagged.enumerated() {
                precondition(Int(name.tag) == tag && tag < untagged, "tags follow the list")
                lowercased += name.rawName.utf8.map { $0 | 0x20 }
                starts.append(lowercased.count)
                let bytes = name.rawName.utf8Span.span
                var slot = FieldName.slot(bytes, 0..<bytes.count)
                while slots[slot] != emptySlot { slot = (slot + 1) & (slotCount - 1) }
                slots[slot] = UInt8(tag)
            }
        }
    }

    private static let table = Table()
}
