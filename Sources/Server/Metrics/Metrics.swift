/// All that `/metrics` shows: the loops' counts added up, and what is the process's own.
///
/// See https://prometheus.io/docs/practices/naming/ for the names: base units, `_total` for what
/// only grows.
package final class Metrics: Sendable {
    /// The media type of the text (text format 0.0.4).
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// One for each event loop.
    package let workers: [WorkerMetrics]
    /// What the background scrub counts.
    package let scrub = ScrubMetrics()
    private let version: String
    private let startTime: Timestamp

    /// What the catalog counts, asked for at each scrape.
    package struct Stored: Sendable {
        /// How many images there are.
        package var images: Int
        /// Their size together.
        package var bytes: Int

        /// Takes the figures.
        ///
        /// - Parameters:
        ///   - images: how many images there are.
        ///   - bytes: their size together.
        package init(images: Int, bytes: Int) {
            self.images = images
            self.bytes = bytes
        }
    }

    /// Starts at zero.
    ///
    /// - Parameters:
    ///   - workerCount: how many event loops there are.
    ///   - version: the version of the service.
    ///   - startTime: when the process started.
    package init(
        workerCount: Int,
        version: String = Version.current,
        startTime: Timestamp = .now
    ) {
        workers = (0..<workerCount).map { _ in WorkerMetrics() }
        self.version = version
        self.startTime = startTime
    }

    /// Writes all the metrics down.
    ///
    /// - Parameter stored: what the catalog counts.
    /// - Returns: text of the type `Metrics.mediaType`.
    package func encode(stored: Stored) -> [UInt8] {
        var sum = WorkerMetrics.Counts()
        for worker in workers { sum.merge(worker.snapshot) }
        var text = MetricsText()
        encodeProcess(into: &text, stored: stored)
        encodeRequests(sum, into: &text)
        encodeUploads(sum, into: &text)
        encodeCache(sum, into: &text)
        scrub.encode(into: &text)
        return text.bytes
    }

    private func encodeProcess(into text: inout MetricsText, stored: Stored) {
        text.family("build_info", .gauge, "Always 1; the label tells the version.")
        text.sample(labels: [("version", version)], 1)
        text.family(
            "process_start_time_seconds",
            .gauge,
            "When the process started, in seconds since 1970.",
            hasPrefix: false
        )
        text.sample(thousandths: Int(startTime.milliseconds))
        text.family("images", .gauge, "Images in the catalog.")
        text.sample(stored.images)
        text.family("image_bytes", .gauge, "Size of all images in the catalog.")
        text.sample(stored.bytes)
    }

    private func encodeRequests(_ sum: WorkerMetrics.Counts, into text: inout MetricsText) {
        text.family("http_requests_total", .counter, "Requests answered, by route and status.")
        let keys = sum.requests.keys.sorted {
            ($0.route.rawValue, $0.status) < ($1.route.rawValue, $1.status)
        }
        for key in keys {
            text.sample(
                labels: [("route", key.route.rawValue), ("code", "\(key.status)")],
                sum.requests[key, default: 0]
            )
        }
        text.family(
            "http_request_duration_seconds",
            .histogram,
            "Time from the end of a request's head until its response is handed to the socket."
        )
        for route in MetricRoute.allCases {
            guard let histogram = sum.requestDurations[route] else { continue }
            text.samples(labels: [("route", route.rawValue)], histogram)
        }
        text.family(
            "http_response_bytes_total",
            .counter,
            "Bytes of responses, their heads included."
        )
        text.sample(sum.responseBytes)
        text.family("connections_accepted_total", .counter, "Connections accepted.")
        text.sample(sum.acceptedConnections)
        text.family("connections_open", .gauge, "Connections open now.")
        text.sample(sum.openConnections)
        text.family("turned_away_total", .counter, "Answers with status 503, by reason.")
        for code in ProblemCode.allCases where code.status == 503 {
            text.sample(labels: [("reason", code.rawValue)], sum.turnedAway[code, default: 0])
        }
    }

    private func encodeUploads(_ sum: WorkerMetrics.Counts, into text: inout MetricsText) {
        text.family("uploads_under_way", .gauge, "Uploads under way now.")
        text.sample(sum.uploadsUnderWay)
        text.family("uploaded_images_total", .counter, "Images of committed uploads.")
        text.sample(labels: [("kind", "new")], sum.newImages)
        text.sample(labels: [("kind", "duplicate")], sum.duplicateImages)
        text.family("uploaded_bytes_total", .counter, "Size of the images of committed uploads.")
        text.sample(sum.uploadedBytes)
        text.family("refused_files_total", .counter, "Files refused, by reason.")
        for reason in FileRefusal.allCases {
            text.sample(
                labels: [("reason", reason.rawValue)],
                sum.refusedFiles[reason, default: 0]
            )
        }
        text.family(
            "commit_duration_seconds",
            .histogram,
            "Time from the end of an upload's body until its images are durable."
        )
        text.samples(labels: [], sum.commitDurations)
        text.family(
            "storage_failures_total",
            .counter,
            "Operations of the store or the catalog that failed."
        )
        text.sample(sum.storageFailures)
    }

    private func encodeCache(_ sum: WorkerMetrics.Counts, into text: inout MetricsText) {
        text.family("cache_requests_total", .counter, "Images looked for in the cache.")
        text.sample(labels: [("result", "hit")], sum.cacheHits)
        text.sample(labels: [("result", "miss")], sum.cacheMisses)
        text.family("cache_bytes", .gauge, "Memory that cached images take.")
        text.sample(sum.cacheBytes)
    }
}
