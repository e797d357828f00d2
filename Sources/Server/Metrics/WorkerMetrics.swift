internal import UV

/// What one event loop counts.
///
/// Each loop has its own, so the mutex is free whenever the loop takes it; only a scrape, every few
/// seconds, comes from elsewhere.
package final class WorkerMetrics: Sendable {
    /// The counts, as values that can be added up.
    package struct Counts: Sendable {
        var requests: [RequestKey: Int] = [:]
        var requestDurations: [MetricRoute: Histogram] = [:]
        var responseBytes = 0
        var acceptedConnections = 0
        var openConnections = 0
        var uploadsUnderWay = 0
        var newImages = 0
        var duplicateImages = 0
        var uploadedBytes = 0
        var refusedFiles: [FileRefusal: Int] = [:]
        var cacheHits = 0
        var cacheMisses = 0
        var cacheBytes = 0
        var commitDurations = Histogram()
        var turnedAway: [ProblemCode: Int] = [:]
        var storageFailures = 0
    }

    /// What requests are counted by: some 12 routes times the 25 statuses that we send.
    struct RequestKey: Hashable, Sendable {
        var route: MetricRoute
        var status: UInt16
    }

    private let counts = Lock(Counts())

    /// Starts at zero.
    package init() {}

    /// The present counts.
    package var snapshot: Counts { counts.withLock { $0 } }

    /// Counts a connection that was accepted.
    package func connectionOpened() {
        counts.withLock { counts in
            counts.acceptedConnections += 1
            counts.openConnections += 1
        }
    }

    /// Counts the end of a connection.
    package func connectionClosed() {
        counts.withLock { $0.openConnections -= 1 }
    }

    /// Counts a request that was answered.
    ///
    /// - Parameters:
    ///   - route: what it was about.
    ///   - status: the status of the response, one that we send.
    ///   - responseBytes: bytes of content that were sent.
    ///   - durationMicroseconds: time from the first byte of the request to the last of the
    ///     response.
    package func requestAnswered(
        route: MetricRoute,
        status: UInt16,
        responseBytes: Int,
        durationMicroseconds: Int
    ) {
        counts.withLock { counts in
            counts.requests[RequestKey(route: route, status: status), default: 0] += 1
            counts.responseBytes += responseBytes
            counts.requestDurations[route, default: Histogram()]
                .add(microseconds: durationMicroseconds)
        }
    }

    /// Adds what a loop counted of hot images by itself.
    ///
    /// - Parameter hot: the counts of one turn.
    func add(_ hot: HotImageCounts) {
        counts.withLock { counts in
            counts.cacheHits += hot.requests
            counts.responseBytes += hot.responseBytes
            for (status, count) in hot.byStatus where count > 0 {
                let key = RequestKey(route: .image, status: status.rawValue)
                counts.requests[key, default: 0] += count
            }
            counts.requestDurations[.image, default: Histogram()].merge(hot.durations)
        }
    }

    /// Counts an upload that has begun.
    package func uploadBegan() {
        counts.withLock { $0.uploadsUnderWay += 1 }
    }

    /// Counts the end of an upload, good or bad.
    package func uploadEnded() {
        counts.withLock { $0.uploadsUnderWay -= 1 }
    }

    /// Counts the images of an upload that was committed.
    ///
    /// - Parameters:
    ///   - new: how many were not there before.
    ///   - duplicates: how many were.
    ///   - bytes: the size of all of them together.
    package func imagesUploaded(new: Int, duplicates: Int, bytes: Int) {
        counts.withLock { counts in
            counts.newImages += new
            counts.duplicateImages += duplicates
            counts.uploadedBytes += bytes
        }
    }

    /// Counts a file that was refused.
    ///
    /// - Parameter reason: why.
    package func fileRefused(_ reason: FileRefusal) {
        counts.withLock { $0.refusedFiles[reason, default: 0] += 1 }
    }

    /// Counts a commit that was made durable.
    ///
    /// - Parameter durationMicroseconds: time from the end of the request to durability.
    package func commitEnded(durationMicroseconds: Int) {
        counts.withLock { $0.commitDurations.add(microseconds: durationMicroseconds) }
    }

    /// Counts an image that was served from memory.
    package func cacheHit() {
        counts.withLock { $0.cacheHits += 1 }
    }

    /// Counts an image that was not in memory.
    package func cacheMissed() {
        counts.withLock { $0.cacheMisses += 1 }
    }

    /// Notes the size of the loop's cache.
    ///
    /// - Parameter bytes: its size in bytes.
    package func cacheResized(bytes: Int) {
        counts.withLock { $0.cacheBytes = bytes }
    }

    /// Counts a request or connection that was answered with 503.
    ///
    /// - Parameter reason: why.
    package func turnedAway(_ reason: ProblemCode) {
        precondition(reason.status == 503, "\(reason) is not a 503")
        counts.withLock { $0.turnedAway[reason, default: 0] += 1 }
    }

    /// Counts an operation of the store or the catalog that failed.
    package func storageFailed() {
        counts.withLock { $0.storageFailures += 1 }
    }
}

extension WorkerMetrics.Counts {
    /// Adds what another loop counted.
    ///
    /// - Parameter other: the other loop's counts.
    mutating func merge(_ other: Self) {
        requests.merge(other.requests, uniquingKeysWith: +)
        for (route, histogram) in other.requestDurations {
            requestDurations[route, default: Histogram()].merge(histogram)
        }
        responseBytes += other.responseBytes
        acceptedConnections += other.acceptedConnections
        openConnections += other.openConnections
        uploadsUnderWay += other.uploadsUnderWay
        newImages += other.newImages
        duplicateImages += other.duplicateImages
        uploadedBytes += other.uploadedBytes
        refusedFiles.merge(other.refusedFiles, uniquingKeysWith: +)
        cacheHits += other.cacheHits
        cacheMisses += other.cacheMisses
        cacheBytes += other.cacheBytes
        commitDurations.merge(other.commitDurations)
        turnedAway.merge(other.turnedAway, uniquingKeysWith: +)
        storageFailures += other.storageFailures
    }
}
