internal import Synchronization
internal import UV

/// Writes snapshots one after the other, so that an older one never replaces a newer one.
final class SnapshotStore: Sendable {
    private let directory: CatalogDirectory
    /// The sequence number of the snapshot on disk.
    ///
    /// Held while one is written; only the thread that writes snapshots and, after a failed flush,
    /// the journal's thread ever wait for it.
    private let latest: Lock<UInt64>
    private let durable: Atomic<UInt64>
    /// How many wait for a snapshot, or will from now on: as long as there are any, none pauses.
    private let waiting = Atomic<Int>(0)

    private let pause: @Sendable () -> Void

    /// How long a snapshot pauses after each block of 256 KiB, in milliseconds.
    ///
    /// With 4 it writes 55 MB/s, ten million images in 12 s, and most of the time leaves disk,
    /// memory and caches to requests; nobody waits for it. `Performance.md` has what 1 and 4 do to
    /// requests.
    private static let pauseMilliseconds: UInt32 = 4

    /// Continues with the snapshot that recovery found.
    ///
    /// - Parameters:
    ///   - directory: where snapshots go.
    ///   - sequenceNumber: that of the snapshot there, 0 without one.
    ///   - pause: lets the thread that writes one sleep.
    init(
        _ directory: CatalogDirectory,
        sequenceNumber: UInt64,
        pause: @escaping @Sendable () -> Void = {
            sleep(milliseconds: pauseMilliseconds)
        }
    ) {
        self.directory = directory
        self.pause = pause
        latest = Lock(sequenceNumber)
        durable = Atomic(sequenceNumber)
    }

    /// The sequence number of the snapshot on disk, without waiting for one that is being written.
    var durableSequenceNumber: UInt64 { durable.load(ordering: .relaxed) }

    /// Writes a snapshot, unless the one on disk is as new.
    ///
    /// - Parameters:
    ///   - capture: what to write.
    ///   - isWaitedFor: whether it, and one that is being written before it, has no time to give
    ///     way to requests.
    /// - Throws: `CatalogError` `.noSpace` or `.io`.
    func write(_ capture: CatalogCapture, isWaitedFor: Bool = false) throws(CatalogError) {
        if isWaitedFor { waiting.add(1, ordering: .relaxed) }
        defer { if isWaitedFor { waiting.subtract(1, ordering: .relaxed) } }
        try latest.withLock { (latest) throws(CatalogError) in
            guard capture.sequenceNumber > latest else { return }
            try SnapshotWriter.write(
                capture,
                to: directory,
                pace: SnapshotPace(pause: { [self] in pauseUnlessWaitedFor() })
            )
            latest = capture.sequenceNumber
            durable.store(latest, ordering: .relaxed)
        }
    }

    /// Has the snapshot that is being written, and all later ones, pause no more: the process ends.
    func hurry() { waiting.add(1, ordering: .relaxed) }

    private func pauseUnlessWaitedFor() {
        if waiting.load(ordering: .relaxed) == 0 { pause() }
    }
}
