/// The ways in which a parser test case is cut before it is fed: a stream has no packet boundaries,
/// so each case must give the same events under every one.
package enum Chunking: String, CaseIterable, Sendable {
    /// One piece.
    case whole
    /// One byte at a time.
    case byteByByte
    /// For each position, the bytes before it and the bytes from it on.
    case everyTwoWaySplit
    /// Pieces of random lengths, the same ones in every run.
    case seededRandom

    /// How many random cuts `seededRandom` tries.
    private static let randomCutCount = 24

    /// Cuts a number of bytes.
    ///
    /// - Parameter byteCount: how many bytes there are.
    /// - Returns: the cuts to try, each a list of adjoining ranges that cover `0..<byteCount`.
    package func cuts(of byteCount: Int) -> [[Range<Int>]] {
        switch self {
        case .whole:
            [[0..<byteCount]]
        case .byteByByte:
            [(0..<byteCount).map { $0..<$0 + 1 }]
        case .everyTwoWaySplit:
            byteCount < 2 ? [] : (1..<byteCount).map { [0..<$0, $0..<byteCount] }
        case .seededRandom:
            (0..<Self.randomCutCount).map { Self.randomCut(of: byteCount, seed: UInt64($0) + 1) }
        }
    }

    private static func randomCut(of byteCount: Int, seed: UInt64) -> [Range<Int>] {
        var random = SeededRandom(seed: seed)
        let longest = Int.random(in: 1...max(1, min(64, byteCount)), using: &random)
        var ranges: [Range<Int>] = []
        var start = 0
        while start < byteCount {
            let end = min(byteCount, start + Int.random(in: 1...longest, using: &random))
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }
}

/// A generator that gives the same numbers for the same seed on every machine (SplitMix64), so that
/// a failure's seed is all one needs to see it again.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence.
    ///
    /// - Parameter seed: names the sequence.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
