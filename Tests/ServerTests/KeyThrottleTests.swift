@testable internal import Server
internal import Testing

@Suite struct KeyThrottleTests {
    /// What becomes of so many wrong keys that come at once.
    private func verdicts(
        _ count: Int,
        _ throttle: inout KeyThrottle,
        from network: UInt64 = 7,
        now: UInt64 = 5
    ) -> [KeyThrottle.Verdict] {
        var verdicts: [KeyThrottle.Verdict] = []
        for _ in 0..<count { verdicts.append(throttle.keyFailed(from: network, now: now)) }
        return verdicts
    }

    @Test func `ten wrong keys are refused at once, the eleventh and all after it late`() {
        var throttle = KeyThrottle()
        let atOnce = [KeyThrottle.Verdict](repeating: .atOnce, count: KeyThrottle.failuresMax)
        #expect(verdicts(12, &throttle) == atOnce + [.firstLate, .late])
    }

    @Test func `a minute after the first one all is forgotten, and not before`() {
        var throttle = KeyThrottle()
        _ = verdicts(11, &throttle, now: 5)
        let end = 5 + KeyThrottle.windowMilliseconds
        #expect(verdicts(1, &throttle, now: end - 1) == [.late])
        #expect(verdicts(1, &throttle, now: end) == [.atOnce])
    }

    @Test func `another network is not made to wait`() {
        var throttle = KeyThrottle()
        _ = verdicts(20, &throttle, from: 7)
        for network in UInt64(100)..<200 {
            #expect(verdicts(1, &throttle, from: network) == [.atOnce])
        }
    }

    @Test func `networks without end neither grow the table nor free one that has to wait`() {
        var throttle = KeyThrottle()
        let bytes = MemoryLayout<KeyThrottle>.size
        _ = verdicts(11, &throttle, from: 7)
        for network in UInt64(1_000)..<101_000 {
            #expect(throttle.keyFailed(from: network, now: 6) == .atOnce)
        }
        #expect(verdicts(1, &throttle, from: 7, now: 7) == [.late])
        #expect(MemoryLayout.size(ofValue: throttle) == bytes)
    }
}
