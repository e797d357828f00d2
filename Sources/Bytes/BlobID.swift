/// The name of a blob: the SHA-256 digest of its bytes.
///
/// Stands in `Bytes` rather than beside the store because the catalog names images by it too, and
/// neither of the two imports the other. Kept as four words so that comparing and hashing touch no
/// heap; a digest is uniformly distributed, so its first word is already a good hash.
package struct BlobID: Hashable, Comparable, Sendable {
    /// Bytes in a digest (FIPS 180-4).
    package static let byteCount = 32
    /// Hexadecimal digits in the text form.
    package static let hexCount = 64

    /// The digest's bytes as four big-endian words, the first word first.
    package let words: InlineWords

    /// Four 64-bit words; a tuple has no conformances to give.
    package struct InlineWords: Hashable, Sendable {
        package var first, second, third, fourth: UInt64
    }

    /// Takes a digest as it comes from the hash function.
    ///
    /// - Parameter digest: exactly 32 bytes.
    package init(digest: Span<UInt8>) {
        precondition(digest.count == Self.byteCount, "a SHA-256 digest has 32 bytes")
        words = InlineWords(
            first: digest.bigEndianUInt64(at: 0),
            second: digest.bigEndianUInt64(at: 8),
            third: digest.bigEndianUInt64(at: 16),
            fourth: digest.bigEndianUInt64(at: 24)
        )
    }

    /// Reads the text form, strictly.
    ///
    /// - Parameter hex: 64 lower-case hexadecimal digits; anything else gives `nil`.
    package init?(hex: Span<UInt8>) {
        guard hex.count == Self.hexCount else { return nil }
        var faults: UInt64 = 0
        words = InlineWords(
            first: Self.word(hex, at: 0, &faults),
            second: Self.word(hex, at: 16, &faults),
            third: Self.word(hex, at: 32, &faults),
            fourth: Self.word(hex, at: 48, &faults)
        )
        if faults != 0 { return nil }
    }

    /// Reads sixteen digits.
    @inline(__always)
    private static func word(_ hex: Span<UInt8>, at start: Int, _ faults: inout UInt64) -> UInt64 {
        let high = Hex.decode(eightDigits: hex.bigEndianUInt64(at: start), faults: &faults)
        let low = Hex.decode(eightDigits: hex.bigEndianUInt64(at: start + 8), faults: &faults)
        return high << 32 | low
    }

    /// Reads the text form from a string, strictly.
    ///
    /// - Parameter hex: 64 lower-case hexadecimal digits; anything else gives `nil`.
    package init?(hex: String) {
        let bytes = Array(hex.utf8)
        self.init(hex: bytes.span)
    }

    /// The digest's 32 bytes, in order.
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.byteCount)
        for word in [words.first, words.second, words.third, words.fourth] {
            out.appendBigEndian(word)
        }
        return out
    }

    /// The text form: 64 lower-case hexadecimal digits in ASCII.
    package var hexBytes: [UInt8] { Hex.encode(bytes.span) }

    /// The text form as a string.
    package var hex: String { String(decoding: hexBytes, as: UTF8.self) }

    @inlinable
    package static func == (left: BlobID, right: BlobID) -> Bool {
        let (a, b) = (left.words, right.words)
        return a.first == b.first && a.second == b.second && a.third == b.third
            && a.fourth == b.fourth
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.first) }

    package static func < (left: BlobID, right: BlobID) -> Bool {
        let (a, b) = (left.words, right.words)
        return (a.first, a.second, a.third, a.fourth) < (b.first, b.second, b.third, b.fourth)
    }
}

extension BlobID: CustomStringConvertible {
    package var description: String { hex }
}
