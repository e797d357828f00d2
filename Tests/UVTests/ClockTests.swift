import Testing
import UV

@Suite struct ClockTests {
    @Test(arguments: [0, 1, 20] as [UInt32])
    func `a sleep is at least as long as it was asked to be`(milliseconds: UInt32) {
        let began = monotonicNanoseconds()
        sleep(milliseconds: milliseconds)
        #expect(monotonicNanoseconds() - began >= UInt64(milliseconds) * 1_000_000)
    }

    @Test func `the wall clock counts from 1970`() {
        let (seconds, microseconds) = wallClock()
        // 2024-01-01, before which this was not written, and 2100-01-01.
        #expect((1_704_067_200..<4_102_444_800).contains(seconds))
        #expect((0..<1_000_000).contains(microseconds))
    }
}
