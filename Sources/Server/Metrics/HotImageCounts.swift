/// What a loop counted of hot images since it last waited for events.
///
/// These requests are so frequent that even a mutex nobody else wants shows. So the loop counts
/// them in a variable of its own, and adds them to its `WorkerMetrics` once a turn.
struct HotImageCounts {
    /// The statuses of such answers.
    enum Status: UInt16 {
        case ok = 200
        case partialContent = 206
        case notModified = 304
    }

    private(set) var requests = 0
    private(set) var responseBytes = 0
    private(set) var wholeCount = 0
    private(set) var notModifiedCount = 0
    private(set) var partialCount = 0
    private(set) var durations = Histogram()

    /// Counts an answer.
    ///
    /// - Parameters:
    ///   - status: the status.
    ///   - responseBytes: bytes of head and content.
    ///   - durationMicroseconds: time from the head of the request to the end of the response.
    mutating func hotImageServed(
        _ status: Status,
        responseBytes: Int,
        durationMicroseconds: Int
    ) {
        requests += 1
        self.responseBytes += responseBytes
        durations.add(microseconds: durationMicroseconds)
        switch status {
        case .ok: wholeCount += 1
        case .partialContent: partialCount += 1
        case .notModified: notModifiedCount += 1
        }
    }

    /// Begins anew.
    mutating func reset() {
        requests = 0
        responseBytes = 0
        wholeCount = 0
        notModifiedCount = 0
        partialCount = 0
        durations.reset()
    }

    /// How many requests there were, by status.
    var byStatus: [(Status, Int)] {
        [(.ok, wholeCount), (.notModified, notModifiedCount), (.partialContent, partialCount)]
    }
}
