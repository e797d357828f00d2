@testable import Server
import Testing

@Suite struct WorkerMetricsTests {
    @Test func `a hot image counts as a request, in its duration and as a hit`() {
        let metrics = WorkerMetrics()
        metrics.requestAnswered(
            route: .image,
            status: 200,
            responseBytes: 10,
            durationMicroseconds: 700
        )
        metrics.hotImageServed(responseBytes: 30, durationMicroseconds: 5)
        metrics.hotImageServed(responseBytes: 30, durationMicroseconds: 7)
        let counts = metrics.snapshot
        #expect(counts.requests[.init(route: .image, status: 200)] == 3)
        #expect(counts.requestDurations[.image]?.sumMicroseconds == 712)
        #expect(counts.responseBytes == 70)
        #expect(counts.cacheHits == 2)
    }

    @Test func `looking at the counts does not count`() {
        let metrics = WorkerMetrics()
        metrics.hotImageServed(responseBytes: 1, durationMicroseconds: 1)
        _ = metrics.snapshot
        #expect(metrics.snapshot.requests[.init(route: .image, status: 200)] == 1)
    }
}
