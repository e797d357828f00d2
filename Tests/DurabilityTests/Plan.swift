internal import UV

/// Which histories are played, and how thoroughly.
///
/// The environment decides: `HISTORIES` (how many), `SEED` (of the first; the others follow),
/// `STRIDE` (every how many of a history's operations the power is cut or an operation fails) and
/// `HISTORY_SECONDS` (when to begin no further history, however many were asked for). Without them
/// a few seconds' worth of it is done, as a part of the ordinary tests.
struct Plan {
    /// What takes less than 10 seconds in a debug build.
    private static let quickHistories: UInt64 = 6
    private static let quickStride = 31
    /// Threads that play; the machines that this runs on have two cores at least.
    static let lanes = 2

    let seeds: Range<UInt64>
    let stride: Int
    private let deadline: ContinuousClock.Instant?

    init() throws {
        let variables = try Environment.variables()
        let histories = variables["HISTORIES"].flatMap { UInt64($0) }
        let first = variables["SEED"].flatMap { UInt64($0) } ?? 1
        seeds = first..<first + (histories ?? Self.quickHistories)
        stride =
            variables["STRIDE"].flatMap { Int($0) } ?? (histories == nil ? Self.quickStride : 1)
        deadline = variables["HISTORY_SECONDS"].flatMap { Int($0) }
            .map { ContinuousClock.now.advanced(by: .seconds($0)) }
    }

    /// Whether there is no time for another history.
    var isOver: Bool { deadline.map { $0 < .now } ?? false }
}
