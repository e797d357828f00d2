internal import Bytes

/// The name of an upload link: a random UUID, which whoever holds it may upload with.
package struct LinkID: Hashable, Sendable {
    /// Bytes of a UUID (RFC 9562 §4).
    package static let byteCount = 16
    /// Characters of the text form: 32 digits and 4 hyphens (RFC 9562 §4).
    package static let textCount = 36

    /// The first eight bytes, big-endian.
    package let high: UInt64
    /// The last eight bytes, big-endian.
    package let low: UInt64

    /// Makes an id of two halves.
    ///
    /// - Parameters:
    ///   - high: the first eight bytes, big-endian.
    ///   - low: the last eight bytes, big-endian.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 16 bytes of an id.
    ///
    /// - Parameters:
    ///   - bytes: what contains them.
    ///   - offset: where they begin; all 16 must lie within the span.
    package init(_ bytes: Span<UInt8>, at offset: Int = 0) {
        high = bytes.bigEndianUInt64(at: offset)
        low = bytes.bigEndianUInt64(at: offset + 8)
    }

    /// Reads the text form, in upper or lower case as RFC 9562 §4 asks of readers.
    ///
    /// - Parameter text: 8, 4, 4, 4 and 12 hexadecimal digits with hyphens between; anything else
    ///   gives `nil`. Any version and variant is read: what counts is whether the link is known.
    package init?(text: Span<UInt8>) {
        guard text.count == Self.textCount else { return nil }
        var halves: [2 of UInt64] = [0, 0]
        var digitCount = 0
        for i in text.indices {
            if Self.isHyphen(at: i) {
                guard text[i] == UInt8(ascii: "-") else { return nil }
                continue
            }
            // Bit 5 is what tells lower case from upper in ASCII; digits have it set already.
            guard let nibble = Hex.value(ofLowerCaseDigit: text[i] | 0x20), text[i] >= 0x30 else {
                return nil
            }
            halves[digitCount / 16] = halves[digitCount / 16] << 4 | UInt64(nibble)
            digitCount += 1
        }
        self.init(high: halves[0], low: halves[1])
    }

    /// Reads the text form from a string.
    ///
    /// - Parameter text: as in `init(text:)` for bytes.
    package init?(text: String) {
        let bytes = Array(text.utf8)
        self.init(text: bytes.span)
    }

    /// Makes an id that nobody can guess: version 4 of RFC 9562 §5.4.
    ///
    /// - Returns: 122 bits from the system's cryptographic generator, and the 6 fixed ones.
    package static func random() -> LinkID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// Makes a version 4 id from a generator.
    ///
    /// - Parameter generator: where the 122 free bits come from.
    /// - Returns: the id.
    package static func random(using generator: inout some RandomNumberGenerator) -> LinkID {
        // Version 0100 in bits 48-51, variant 10 in bits 64-65 (RFC 9562 §5.4).
        LinkID(
            high: generator.next() & ~0xF000 | 0x4000,
            low: generator.next() & ~(0b11 << 62) | 0b10 << 62
        )
    }

    /// The 16 bytes, in the order of the text form.
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.byteCount)
        out.appendBigEndian(high)
        out.appendBigEndian(low)
        return out
    }

    /// The text form in lower case, as RFC 9562 §4 asks of writers.
    package var text: String {
        var out: [UInt8] = []
        out.reserveCapacity(Self.textCount)
        for digit in Hex.encode(bytes.span) {
            if Self.isHyphen(at: out.count) { out.append(UInt8(ascii: "-")) }
            out.append(digit)
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func isHyphen(at index: Int) -> Bool {
        switch index {
        case 8, 13, 18, 23: true
        default: false
        }
    }
}

extension LinkID: CustomStringConvertible {
    package var description: String { text }
}
