/// Counts durations by fixed bounds, as Prometheus histograms do.
///
/// Kept in whole microseconds: adding is exact in any order, and 2^63 of them are 292,000 years.
package struct Histogram: Sendable {
    /// Upper bounds in microseconds, inclusive: from a cached image (0.1 ms) to a long upload (a
    /// minute).
    ///
    /// The same for all, because Prometheus can add up only histograms of the same bounds.
    package static let upperBoundsMicroseconds = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 60_000_000,
    ]

    /// How many durations fell between each bound and the one before; what passed the last bound
    /// comes last.
    package private(set) var counts = [Int](
        repeating: 0,
        count: upperBoundsMicroseconds.count + 1
    )
    /// All the durations together.
    package private(set) var sumMicroseconds = 0

    /// Makes an empty histogram.
    package init() {}

    /// Counts a duration.
    ///
    /// - Parameter microseconds: the duration.
    package mutating func add(microseconds: Int) {
        var bucket = 0
        while bucket < Self.upperBoundsMicroseconds.count,
            microseconds > Self.upperBoundsMicroseconds[bucket]
        {
            bucket += 1
        }
        counts[bucket] += 1
        sumMicroseconds += microseconds
    }

    /// Begins anew, in the same memory.
    package mutating func reset() {
        for i in counts.indices { counts[i] = 0 }
        sumMicroseconds = 0
    }

    /// Adds what another histogram counted.
    ///
    /// - Parameter other: the other one.
    package mutating func merge(_ other: Histogram) {
        for i in counts.indices { counts[i] += other.counts[i] }
        sumMicroseconds += other.sumMicroseconds
    }
}
