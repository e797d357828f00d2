internal import TestSupport

/// What happens in a history: all that the service does to its files.
enum Step: Sendable {
    /// One request after the other, each with the numbers of its images; some were sent before.
    case uploads([[UInt64]])
    /// Requests at the same time, so that the first is alone and the others share a group.
    case batch([[UInt64]])
    /// An upload link.
    case link
    /// A snapshot, with which the journal goes on to a new segment.
    case snapshot
    /// An upload that its client leaves in the middle; or that stays open until the process ends.
    case unfinished(UInt64, isDiscarded: Bool)
    /// The process ends, orderly or by a signal that it cannot catch, and starts again.
    case restart(isOrderly: Bool)
    /// The process ends, the catalog is made anew from the files, and the process starts again.
    case rebuild

    /// Writes a history.
    ///
    /// - Parameter seed: which one.
    /// - Returns: its steps.
    static func history(seed: UInt64) -> [Step] {
        var random = SeededRandom(seed: seed)
        var sent: UInt64 = 0
        return (0..<Int.random(in: 3...8, using: &random)).map { _ in
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<7: .uploads(requests(1...2, &sent, &random))
            case 7..<11: .batch(requests(2...4, &sent, &random))
            case 11..<14: .link
            case 14..<16: .snapshot
            case 16: .unfinished(1_000 + sent, isDiscarded: Bool.random(using: &random))
            case 17: .restart(isOrderly: true)
            case 18: .restart(isOrderly: false)
            default: .rebuild
            }
        }
    }

    private static func requests(
        _ count: ClosedRange<Int>,
        _ sent: inout UInt64,
        _ random: inout SeededRandom
    ) -> [[UInt64]] {
        (0..<Int.random(in: count, using: &random)).map { _ in
            (0..<Int.random(in: 1...3, using: &random)).map { _ in
                // One in three was sent before, in this very request perhaps.
                if sent > 0, Int.random(in: 0..<3, using: &random) == 0 {
                    return UInt64.random(in: 1...sent, using: &random)
                }
                sent += 1
                return sent
            }
        }
    }
}
