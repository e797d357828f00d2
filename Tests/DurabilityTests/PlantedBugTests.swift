internal import TestSupport
internal import Testing

/// A proof that cannot fail proves nothing: each bug that the histories are there to find is put
/// into the file system, and has to be found.
@Suite struct PlantedBugTests {
    /// How many histories it may take; most bugs show in the first.
    private static let historyLimit: UInt64 = 40

    @Test(arguments: PlantedBug.Kind.allCases)
    func `a planted bug is found`(_ kind: PlantedBug.Kind) throws {
        let origin = try History.makeOrigin()
        var tally = Tally()
        for seed in 1...Self.historyLimit where tally.losses.isEmpty {
            let history = History(seed: seed, origin: origin) { PlantedBug($0, kind) }
            if let faults = kind.faults {
                history.failEverywhere(&tally, stride: 1, only: faults)
            } else {
                history.cutEverywhere(&tally, stride: 2)
            }
        }
        #expect(!tally.losses.isEmpty, "\(kind) was not found: \(tally.line)")
    }
}
