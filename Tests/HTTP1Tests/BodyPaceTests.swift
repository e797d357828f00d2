@testable import HTTP1
import Testing

/// How fast a body has to come, by a clock that a test moves.
@Suite struct `Body pace` {
    /// Of each second that a body is awaited, 100 bytes.
    private static let timeouts: ConnectionTimeouts = {
        var timeouts = ConnectionTimeouts()
        timeouts.bodyMilliseconds = 1_000
        timeouts.bodyBytesPerSecondMin = 100
        return timeouts
    }()

    /// A connection that awaits a body since some time.
    private func awaiting(
        since now: UInt64,
        _ timeouts: ConnectionTimeouts = timeouts
    ) throws -> ConnectionState {
        var state = ConnectionState(timeouts: timeouts, now: 0)
        let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"
        state.headReceived(try head(text).control)
        #expect(state.bodyWanted(now: now) == .read)
        return state
    }

    @Test(arguments: [(100, true), (99, false)])
    func `a window has to bring its bytes, and one byte less is too slow`(
        _ byteCount: Int,
        _ isEnough: Bool
    ) throws {
        var state = try awaiting(since: 5_000)
        #expect(state.inputReceived(byteCount - 1, now: 5_100) == .parse)
        #expect(state.inputReceived(1, now: 5_900) == .parse)
        #expect(state.deadline == (isEnough ? 6_900 : 6_000))
        #expect(state.deadlineReached(now: 5_999) == .wait)
        let action = state.deadlineReached(now: 6_000)
        #expect(action == (isEnough ? .wait : .respondRequestTimeout))
    }

    @Test func `a client that trickles is cut off although it never pauses`() throws {
        var state = try awaiting(since: 0)
        for now in stride(from: UInt64(100), to: 1_000, by: 100) {
            #expect(state.inputReceived(9, now: now) == .parse)
            #expect(state.deadlineReached(now: now) == .wait)
        }
        #expect(state.inputReceived(9, now: 1_000) == .parse)
        #expect(state.deadlineReached(now: 1_000) == .respondRequestTimeout)
        #expect(state.wantsInput == false)
    }

    @Test func `a client at the rate is never cut off`() throws {
        var state = try awaiting(since: 0)
        for now in stride(from: UInt64(100), through: 60_000, by: 100) {
            #expect(state.inputReceived(10, now: now) == .parse)
            #expect(state.deadlineReached(now: now) == .wait)
        }
    }

    @Test func `what came fast is no credit for later windows`() throws {
        var state = try awaiting(since: 0)
        #expect(state.inputReceived(1_000_000, now: 500) == .parse)
        #expect(state.inputReceived(1, now: 1_000) == .parse)
        #expect(state.inputReceived(1, now: 1_600) == .parse)
        #expect(state.deadlineReached(now: 1_999) == .wait)
        #expect(state.deadlineReached(now: 2_000) == .respondRequestTimeout)
    }

    @Test func `the time in which we do not read is not the client's`() throws {
        var state = try awaiting(since: 0)
        #expect(state.inputReceived(10, now: 400) == .parse)
        state.bodyPaused(now: 500)
        #expect(state.deadline == nil)
        #expect(state.deadlineReached(now: 90_000) == .wait)
        #expect(state.bodyWanted(now: 90_000) == .read)
        #expect(state.deadlineReached(now: 90_499) == .wait)
        #expect(state.deadlineReached(now: 90_500) == .respondRequestTimeout)
    }

    @Test func `what comes while we do not read counts all the same`() throws {
        var state = try awaiting(since: 0)
        state.bodyPaused(now: 500)
        #expect(state.inputReceived(100, now: 600) == .keep)
        #expect(state.bodyWanted(now: 700) == .read)
        #expect(state.deadlineReached(now: 1_200) == .wait)
    }

    @Test func `a window ends well when its bytes come before it is looked at`() throws {
        var state = try awaiting(since: 0)
        #expect(state.inputReceived(100, now: 1_000) == .parse)
        #expect(state.deadline == 2_000)
    }

    @Test func `with a rate of 0 only a pause ends it`() throws {
        var timeouts = Self.timeouts
        timeouts.bodyBytesPerSecondMin = 0
        var state = try awaiting(since: 0, timeouts)
        for now in stride(from: UInt64(999), to: 60_000, by: 999) {
            #expect(state.deadlineReached(now: now) == .wait)
            #expect(state.inputReceived(1, now: now) == .parse)
        }
    }
}
