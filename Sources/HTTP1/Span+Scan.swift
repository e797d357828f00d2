internal import Bytes

/// Scanning eight bytes at a time for the two character classes that long runs are made of.
///
/// The arithmetic is that of "Bit Twiddling Hacks" (Sean Eron Anderson): a test sets the top bit of
/// each byte that it holds for. A borrow can set the bit of a byte above such a one as well, never
/// of one below, so that the lowest bit set is always right; only that one is used.
extension Span where Element == UInt8 {
    /// Finds the first byte that cannot stand in a field value: a control character but HTAB.
    ///
    /// - Parameters:
    ///   - start: where to begin.
    ///   - end: where to stop, at most `count`.
    /// - Returns: its index, or `end`.
    @inline(__always)
    func firstOutsideFieldContent(from start: Int, to end: Int) -> Int {
        var index = start
        while index + 8 <= end {
            let word = littleEndianUInt64(at: index)
            let mask = Self.below(word, 0x20) | Self.equal(word, 0x7F)
            if mask == 0 {
                index += 8
                continue
            }
            index += mask.trailingZeroBitCount / 8
            guard Grammar.isMember(self[index], of: Grammar.fieldContent) else { return index }
            index += 1
        }
        while index < end, Grammar.isMember(self[index], of: Grammar.fieldContent) { index += 1 }
        return index
    }

    /// Finds the first byte that cannot stand in a request target: none of visible ASCII, or `#`.
    ///
    /// - Parameters:
    ///   - start: where to begin.
    ///   - end: where to stop, at most `count`.
    /// - Returns: its index, or `end`.
    @inline(__always)
    func firstOutsideTarget(from start: Int, to end: Int) -> Int {
        var index = start
        while index + 8 <= end {
            let word = littleEndianUInt64(at: index)
            let mask =
                Self.below(word, 0x21) | Self.equal(word, 0x7F)
                | Self.equal(word, UInt64(UInt8(ascii: "#"))) | word & Self.topBits
            if mask != 0 { return index + mask.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < end, Grammar.isMember(self[index], of: Grammar.target) { index += 1 }
        return index
    }

    private static var lowBits: UInt64 { 0x0101_0101_0101_0101 }
    private static var topBits: UInt64 { 0x8080_8080_8080_8080 }

    /// The bytes below a limit of at most 0x80; bytes from 0x80 on are not.
    @inline(__always)
    private static func below(_ word: UInt64, _ limit: UInt64) -> UInt64 {
        (word &- lowBits &* limit) & ~word & topBits
    }

    @inline(__always)
    private static func equal(_ word: UInt64, _ byte: UInt64) -> UInt64 {
        let difference = word ^ (lowBits &* byte)
        return (difference &- lowBits) & ~difference & topBits
    }
}
