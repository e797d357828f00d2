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

    /// Continues with the snapshot that recovery found.
    ///
    /// - Parameters:
    ///   - directory: where snapshots go.
    ///   - sequenceNumber: that of the snapshot there, 0 without one.
    init(_ directory: CatalogDirectory, sequenceNumber: UInt64) {
        self.directory = directory
        latest = Lock(sequenceNumber)
        durable = Atomic(sequenceNumber)
    }

    /// The sequence number of the snapshot on disk, without waiting for one that is being written.
    var durableSequenceNumber: UInt64 { durable.load(ordering: .relaxed) }

    /// Writes a snapshot, unless the one on disk is as new.
    ///
    /// - Parameter capture: what to write.
    /// - Throws: `CatalogError` `.noSpace` or `.io`.
    func write(_ capture: CatalogCapture) throws(CatalogError) {
        try latest.withLock { (latest) throws(CatalogError) in
            guard capture.sequenceNumber > latest else { return }
            try SnapshotWriter.write(capture, to: directory)
            latest = capture.sequenceNumber
            durable.store(latest, ordering: .relaxed)
        }
    }
}
