internal import UV

/// What a proof has done, for its last line.
struct Tally: Sendable {
    /// Histories that were played.
    var histories = 0
    /// Operations of the file system in them.
    var operations = 0
    /// Times that the power was cut or the process killed.
    var cuts = 0
    /// Of these, during the recovery from another.
    var cutsOfRecoveries = 0
    /// Operations that were made to fail.
    var faults = 0
    /// Images acknowledged in the histories, each as often as it was looked for.
    var acknowledged = 0
    /// The stride of the history that is played, without which a loss cannot be seen again.
    var stride = 1
    /// What must not be: each with the seed and how to see it again.
    var losses: [String] = []

    /// One line that a script can read.
    var line: String {
        "histories=\(histories) operations=\(operations) cuts=\(cuts) "
            + "recovery_cuts=\(cutsOfRecoveries) faults=\(faults) "
            + "acknowledged=\(acknowledged) lost=\(losses.count)"
    }

    /// Adds what another one counts.
    mutating func add(_ other: Tally) {
        histories += other.histories
        operations += other.operations
        cuts += other.cuts
        cutsOfRecoveries += other.cutsOfRecoveries
        faults += other.faults
        acknowledged += other.acknowledged
        losses += other.losses
    }

    /// Notes a loss.
    mutating func lose(_ error: any Error, _ history: History, _ place: String) {
        losses.append(
            "\(error)\n  in history \(history.seed), \(place)\n  steps: \(history.steps)\n"
                + "  again: SEED=\(history.seed) HISTORIES=1 STRIDE=\(stride) "
                + "swift test --disable-xctest --filter HistoryTests"
        )
    }
}
