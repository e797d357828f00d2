@testable import Server
import Testing

@Suite struct WorkerMetricsTests {
    @Test func `hot images count as requests, in their durations and as hits`() {
        let metrics = WorkerMetrics()
        metrics.requestAnswered(
            route: .image,
            status: 200,
            responseBytes: 10,
            durationMicroseconds: 700
        )
        var turn = HotImageCounts()
        turn.hotImageServed(.ok, responseBytes: 30, durationMicroseconds: 5)
        turn.hotImageServed(.notModified, responseBytes: 20, durationMicroseconds: 7)
        turn.hotImageServed(.partialContent, responseBytes: 10, durationMicroseconds: 1)
        metrics.add(turn)
        let counts = metrics.snapshot
        #expect(counts.requests[.init(route: .image, status: 200)] == 2)
        #expect(counts.requests[.init(route: .image, status: 304)] == 1)
        #expect(counts.requests[.init(route: .image, status: 206)] == 1)
        #expect(counts.requestDurations[.image]?.sumMicroseconds == 713)
        #expect(counts.responseBytes == 70)
        #expect(counts.cacheHits == 3)
    }

    @Test func `what a turn counted is not counted again in the next one`() {
        let metrics = WorkerMetrics()
        var turn = HotImageCounts()
        turn.hotImageServed(.ok, responseBytes: 1, durationMicroseconds: 1)
        metrics.add(turn)
        turn.reset()
        #expect(turn.requests == 0)
        metrics.add(turn)
        #expect(metrics.snapshot.requests[.init(route: .image, status: 200)] == 1)
        #expect(metrics.snapshot.requestDurations[.image]?.counts.reduce(0, +) == 1)
    }
}
