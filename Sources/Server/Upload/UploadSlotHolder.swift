/// Holds a place for an upload, and counts it in the metrics as long as it is held.
final class UploadSlotHolder {
    private let slot: SharedState.UploadSlot
    private let metrics: WorkerMetrics

    /// Counts the upload in.
    ///
    /// - Parameters:
    ///   - slot: the place, given back with this object.
    ///   - metrics: where uploads under way are counted.
    init(_ slot: SharedState.UploadSlot, metrics: WorkerMetrics) {
        self.slot = slot
        self.metrics = metrics
        metrics.uploadBegan()
    }

    deinit { metrics.uploadEnded() }
}
