internal import TestSupport
internal import Testing
internal import UV

@Suite struct HistoryTests {
    /// Losses that are shown in full; one is enough to begin with.
    private static let shownLosses = 3
    private static let total = Lock((tally: Tally(), endedLanes: 0))

    @Test(arguments: 0..<Plan.lanes)
    func `no power cut, kill or failing operation loses what was acknowledged`(
        lane: Int
    ) throws {
        let plan = try Plan()
        let origin = try History.makeOrigin()
        var tally = Tally()
        for seed in plan.seeds where seed % UInt64(Plan.lanes) == UInt64(lane) {
            if plan.isOver { break }
            let history = History(seed: seed, origin: origin)
            history.cutEverywhere(&tally, stride: plan.stride)
            history.failEverywhere(&tally, stride: plan.stride)
            tally.histories += 1
        }
        for loss in tally.losses.prefix(Self.shownLosses) { Issue.record("\(loss)") }
        // One history alone leaves the other lanes without any.
        #expect(tally.histories == 0 || tally.cuts > 0 && tally.acknowledged > 0)
        let line = Self.total.withLock { total -> String? in
            total.tally.add(tally)
            total.endedLanes += 1
            return total.endedLanes == Plan.lanes ? total.tally.line : nil
        }
        if let line { print(line) }
    }

    @Test func `a history is the same for the same seed, and another for another`() {
        let first = (0..<50 as Range<UInt64>).map { "\(Step.history(seed: $0))" }
        #expect(first == (0..<50 as Range<UInt64>).map { "\(Step.history(seed: $0))" })
        #expect(Set(first).count == 50)
    }

    @Test func `the histories have all that happens to a storage`() {
        let steps = (0..<50 as Range<UInt64>).flatMap { Step.history(seed: $0) }
        let kinds = Set(steps.map { "\($0)".prefix { $0.isLetter } })
        #expect(
            kinds == [
                "uploads", "batch", "link", "snapshot", "unfinished", "restart", "rebuild",
            ]
        )
    }
}
