import Bytes
import TestSupport
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720 appendix B.4, whose values stand there byte by byte, least significant first.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E),
            ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
            (
                [
                    0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                    0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
                    0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
                    0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                ], 0xD996_3A56
            ),
            // The check value that catalogues of checksums give for this one.
            (Array("123456789".utf8), 0xE306_9283),
            ([], 0),
        ] as [([UInt8], UInt32)]
    )
    func `gives the published values`(bytes: [UInt8], expected: UInt32) {
        let value = CRC32C.checksum(bytes.span)
        #expect(value == expected)
    }

    @Test(arguments: Chunking.allCases)
    func `does not depend on how the bytes are cut`(chunking: Chunking) {
        let bytes = randomBytes(count: 200, seed: 3)
        let whole = CRC32C.checksum(bytes.span)
        for cut in chunking.cuts(of: bytes.count) {
            var crc = CRC32C()
            for range in cut { crc.update(bytes.span.extracting(range)) }
            #expect(crc.value == whole, "cut \(cut)")
        }
    }

    @Test func `agrees with the definition bit by bit at every length and alignment`() {
        let bytes = randomBytes(count: 80, seed: 4)
        for start in 0..<16 {
            for end in start...bytes.count {
                let value = CRC32C.checksum(bytes.span.extracting(start..<end))
                #expect(value == bitwise(bytes[start..<end]))
            }
        }
    }

    @Test func `notices each single flipped bit`() {
        let bytes = randomBytes(count: 40, seed: 5)
        let whole = CRC32C.checksum(bytes.span)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let value = CRC32C.checksum(damaged.span)
            #expect(value != whole)
        }
    }

    /// Polynomial division as RFC 3720 §12.1 describes it, on the reflected bits, without tables.
    private func bitwise(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            for bit in 0..<8 {
                let isSet = (remainder ^ UInt32(byte >> UInt8(bit))) & 1 == 1
                remainder = isSet ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1
            }
        }
        return ~remainder
    }
}

/// Bytes that are the same in every run.
func randomBytes(count: Int, seed: UInt64, in range: ClosedRange<UInt8> = 0...255) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: range, using: &random) }
}
