internal import UV

/// What the background scrub counts.
package final class ScrubMetrics: Sendable {
    /// What is wrong with an image.
    package enum Finding: String, CaseIterable, Sendable {
        /// Its file is not what it was.
        case damaged
        /// It has no file.
        case missing
        /// Its file is there, and the catalog does not know it.
        case untracked
    }

    private struct Counts: Sendable {
        var images = 0
        var bytes = 0
        /// What the last whole pass has found.
        var last: [Finding: Int] = [:]
        /// What the present pass has found so far.
        var present: [Finding: Int] = [:]
        var lastPassSeconds: Int64 = 0
    }

    private let counts = Lock(Counts())

    /// Starts at zero.
    package init() {}

    /// Images read to their end so far.
    package var imageCount: Int { counts.withLock { $0.images } }

    /// Bytes read so far.
    package var byteCount: Int { counts.withLock { $0.bytes } }

    /// When the last whole pass ended, in seconds since 1970; 0 before the first.
    package var lastPassSeconds: Int64 { counts.withLock { $0.lastPassSeconds } }

    /// Counts bytes that were read.
    ///
    /// - Parameter count: how many.
    package func read(_ count: Int) { counts.withLock { $0.bytes += count } }

    /// Counts an image that was read to its end.
    package func checked() { counts.withLock { $0.images += 1 } }

    /// Counts something that is wrong.
    ///
    /// - Parameters:
    ///   - finding: what it is.
    ///   - count: how often.
    package func found(_ finding: Finding, _ count: Int = 1) {
        counts.withLock { $0.present[finding, default: 0] += count }
    }

    /// Notes that every image was looked at, and begins anew.
    ///
    /// - Parameter seconds: seconds since 1970.
    package func passEnded(seconds: Int64) {
        counts.withLock { counts in
            counts.last = counts.present
            counts.present = [:]
            counts.lastPassSeconds = seconds
        }
    }

    /// How often something was found: by the last whole pass or, if that is more, by the present
    /// one so far, so that a finding does not disappear because the next pass has begun.
    ///
    /// - Parameter finding: what it is.
    /// - Returns: how often.
    package func count(_ finding: Finding) -> Int {
        counts.withLock { max($0.last[finding, default: 0], $0.present[finding, default: 0]) }
    }

    /// Writes the metrics down.
    ///
    /// - Parameter text: where to.
    func encode(into text: inout MetricsText) {
        let now = counts.withLock { $0 }
        text.family("scrub_images_total", .counter, "Images read again by the background scrub.")
        text.sample(now.images)
        text.family("scrub_bytes_total", .counter, "Bytes read again by the background scrub.")
        text.sample(now.bytes)
        text.family(
            "scrub_findings",
            .gauge,
            "Images that are not as they should be, as of the last whole pass or found since."
        )
        for finding in Finding.allCases {
            text.sample(labels: [("kind", finding.rawValue)], count(finding))
        }
        text.family(
            "scrub_last_pass_timestamp_seconds",
            .gauge,
            "When the last whole pass ended, in seconds since 1970; 0 before the first."
        )
        text.sample(Int(now.lastPassSeconds))
    }
}
