import HTTP1
import Testing

@Suite struct `Connection state` {
    private static let timeouts: ConnectionTimeouts = {
        var timeouts = ConnectionTimeouts()
        timeouts.idleMilliseconds = 1_000
        timeouts.headMilliseconds = 200
        timeouts.bodyMilliseconds = 30
        timeouts.bodyBytesPerSecondMin = 0
        timeouts.writeMilliseconds = 4
        timeouts.lingerMilliseconds = 50
        timeouts.lingerTotalMilliseconds = 120
        return timeouts
    }()

    private func state() -> ConnectionState { ConnectionState(timeouts: Self.timeouts, now: 0) }

    private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private let upload = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    private let expecting =
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

    @Test func `a connection is kept and takes the next request`() throws {
        var state = state()
        for now in [UInt64(10), 20] {
            #expect(state.wantsInput == true)
            #expect(state.inputReceived(1, now: now) == .parse)
            state.headReceived(try head(plain).control)
            state.requestEnded()
            #expect(state.wantsInput == false)
            #expect(state.responseStarted() == ResponseEncoder.Context())
            #expect(state.responseWritten(now: now + 2) == .parseNext)
        }
    }

    @Test func `pipelined bytes are kept until the response is written`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        state.requestEnded()
        #expect(state.inputReceived(1, now: 1) == .keep)
        _ = state.responseStarted()
        #expect(state.inputReceived(1, now: 3) == .keep)
        #expect(state.responseWritten(now: 4) == .parseNext)
        #expect(state.inputReceived(1, now: 5) == .parse)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", HTTPVersion.http11, false),
        ("HEAD / HTTP/1.0\r\n\r\n", .http10, true),
    ])
    func `a request can ask for the end of the connection`(
        _ text: String,
        _ version: HTTPVersion,
        _ isHead: Bool
    ) throws {
        var state = state()
        state.headReceived(try head(text).control)
        state.requestEnded()
        let context = state.responseStarted()
        #expect(context == .init(version: version, persistence: .close, isHead: isHead))
        #expect(state.responseWritten(now: 2) == .shutDownThenLinger)
        #expect(state.isLingering == true && state.wantsInput == true)
        #expect(state.inputReceived(1, now: 3) == .discard)
        #expect(state.inputEnded() == .close)
        #expect(state.wantsInput == false)
    }

    @Test func `a body is read when it is wanted and slowed down when not`() throws {
        var state = state()
        state.headReceived(try head(upload).control)
        #expect(state.wantsInput == false && state.deadline == nil)
        #expect(state.inputReceived(1, now: 1) == .keep)
        #expect(state.bodyWanted(now: 2) == .read)
        #expect(state.wantsInput == true && state.deadline == 32)
        #expect(state.bodyWanted(now: 3) == .read)
        #expect(state.inputReceived(1, now: 12) == .parse)
        #expect(state.deadline == 42)
        state.bodyPaused(now: 13)
        #expect(state.wantsInput == false && state.deadline == nil)
        #expect(state.bodyWanted(now: 90) == .read)
        state.requestEnded()
        #expect(state.wantsInput == false && state.bodyWanted(now: 91) == .nothing)
        #expect(state.responseStarted().persistence == .keepAlive)
        #expect(state.responseWritten(now: 93) == .parseNext)
    }

    @Test func `100 Continue is sent once, when the body is wanted`() throws {
        var state = state()
        state.headReceived(try head(expecting).control)
        #expect(state.bodyWanted(now: 1) == .sendContinueThenRead)
        #expect(state.bodyWanted(now: 2) == .read)
        state.bodyPaused(now: 13)
        #expect(state.bodyWanted(now: 3) == .read)
    }

    @Test func `a response before the end of the body closes the connection`() throws {
        for text in [upload, expecting] {
            var state = state()
            state.headReceived(try head(text).control)
            #expect(state.responseStarted().persistence == .close)
            #expect(state.bodyWanted(now: 1) == .nothing)
            state.requestEnded()
            #expect(state.inputReceived(1, now: 2) == .keep)
            #expect(state.responseWritten(now: 2) == .shutDownThenLinger)
        }
    }

    @Test func `what the parser refuses is answered and the connection closed`() throws {
        var state = state()
        #expect(state.requestRefused() == .respond)
        #expect(state.responseStarted().persistence == .close)
        #expect(state.responseWritten(now: 2) == .shutDownThenLinger)

        var body = self.state()
        body.headReceived(try head(upload).control)
        #expect(body.bodyWanted(now: 1) == .read)
        #expect(body.requestRefused() == .respond)
        #expect(!body.keepsAlive && !body.wantsInput)

        var late = self.state()
        late.headReceived(try head(upload).control)
        _ = late.responseStarted()
        #expect(late.requestRefused() == .close)
        #expect(late.requestRefused() == .close)
    }

    @Test func `the end of the input means something else in each state`() throws {
        var idle = state()
        #expect(idle.inputEnded() == .close)

        var reading = state()
        reading.headIncomplete(isBetweenRequests: false, now: 1)
        #expect(reading.inputEnded() == .close)

        var body = state()
        body.headReceived(try head(upload).control)
        #expect(body.inputEnded() == .abort)

        var complete = state()
        complete.headReceived(try head(plain).control)
        complete.requestEnded()
        #expect(complete.inputEnded() == .finish)
        #expect(complete.responseStarted().persistence == .close)
        #expect(complete.responseWritten(now: 2) == .shutDownThenLinger)
    }

    @Test func `an idle connection is closed in time and not before`() {
        var state = state()
        state.headIncomplete(isBetweenRequests: true, now: 500)
        #expect(state.deadline == 1_000)
        #expect(state.deadlineReached(now: 999) == .wait)
        #expect(state.deadlineReached(now: 1_000) == .close)
        #expect(state.deadline == nil && state.deadlineReached(now: 2_000) == .wait)
    }

    @Test func `a head that comes too slowly is answered 408`() {
        var state = state()
        for now in [UInt64(10), 100, 200] {
            #expect(state.inputReceived(1, now: now) == .parse)
            state.headIncomplete(isBetweenRequests: false, now: now)
        }
        #expect(state.deadline == 210)
        #expect(state.deadlineReached(now: 209) == .wait)
        #expect(state.deadlineReached(now: 210) == .respondRequestTimeout)
        #expect(state.responseStarted().persistence == .close)
    }

    @Test func `a body that stops coming is answered 408`() throws {
        var state = state()
        state.headReceived(try head(upload).control)
        #expect(state.bodyWanted(now: 10) == .read)
        #expect(state.deadlineReached(now: 39) == .wait)
        #expect(state.deadlineReached(now: 40) == .respondRequestTimeout)
        #expect(state.bodyWanted(now: 41) == .nothing)
        #expect(state.responseStarted().persistence == .close)
    }

    @Test func `a client that takes nothing of its response is cut off`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        _ = state.responseStarted()
        state.writeBlocked(leftBytes: 100, now: 10)
        #expect(state.deadline == 14 && state.wantsInput == false)
        state.writeObserved(leftBytes: 60, now: 13)
        state.writeObserved(leftBytes: 60, now: 16)
        #expect(state.deadlineReached(now: 16) == .wait)
        #expect(state.deadlineReached(now: 17) == .close)
        #expect(state.isClosed == true)
    }

    @Test func `a client that waits for our disk is not cut off`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        _ = state.responseStarted()
        state.writeBlocked(leftBytes: 1, now: 10)
        #expect(state.writeDrained(now: 12) == .goOn)
        #expect(state.deadline == nil)
    }

    @Test func `the time between requests begins when the response is taken`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        _ = state.responseStarted()
        #expect(state.responseWritten(now: 5) == .parseNext)
        state.writeBlocked(leftBytes: 9, now: 5)
        #expect(state.inputReceived(1, now: 6) == .keep)
        #expect(state.writeDrained(now: 8) == .goOn)
        #expect(state.deadline == 1_008 && state.wantsInput == true)
    }

    @Test func `a body's time begins when the response before it is taken`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        _ = state.responseStarted()
        #expect(state.responseWritten(now: 5) == .parseNext)
        state.headReceived(
            try head("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n").control
        )
        state.writeBlocked(leftBytes: 9, now: 5)
        #expect(state.bodyWanted(now: 6) == .read)
        #expect(state.writeDrained(now: 90_000) == .goOn)
        #expect(state.deadlineReached(now: 90_001) == .wait)
        #expect(state.wantsInput == true)
    }

    @Test func `shutdown does not cut a response that the client has not taken yet`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        _ = state.responseStarted()
        #expect(state.responseWritten(now: 5) == .parseNext)
        state.writeBlocked(leftBytes: 9, now: 5)
        #expect(state.shutdownRequested() == .finish)
        #expect(state.writeDrained(now: 8) == .close)
    }

    @Test func `a client that sends no more still gets what was answered`() throws {
        var state = state()
        state.headReceived(try head(plain).control)
        _ = state.responseStarted()
        #expect(state.responseWritten(now: 5) == .parseNext)
        state.writeBlocked(leftBytes: 9, now: 5)
        #expect(state.inputEnded() == .close)
        #expect(state.writeDrained(now: 8) == .close)
    }

    @Test func `lingering ends when nothing comes, and in any case`() throws {
        for steps in [[], [40, 80, 110]] as [[UInt64]] {
            var state = state()
            _ = state.requestRefused()
            _ = state.responseStarted()
            #expect(state.responseWritten(now: 0) == .shutDownThenLinger)
            for now in steps { #expect(state.inputReceived(1, now: now) == .discard) }
            let end: UInt64 = steps.isEmpty ? 50 : 120
            #expect(state.deadlineReached(now: end - 1) == .wait)
            #expect(state.deadlineReached(now: end) == .close)
        }
    }

    @Test func `a connection that is turned away is gone after a second`() {
        var state = ConnectionState(timeouts: ConnectionTimeouts().forTurningAway, now: 0)
        _ = state.requestRefused()
        _ = state.responseStarted()
        #expect(state.responseWritten(now: 5) == .shutDownThenLinger)
        #expect(state.inputReceived(9, now: 900) == .discard)
        #expect(state.deadlineReached(now: 1_004) == .wait)
        #expect(state.deadlineReached(now: 1_005) == .close)
    }

    @Test func `shutdown closes what is idle and lets the rest finish`() throws {
        var idle = state()
        #expect(idle.shutdownRequested() == .close)

        var reading = state()
        reading.headIncomplete(isBetweenRequests: false, now: 1)
        #expect(reading.shutdownRequested() == .finish)
        reading.headReceived(try head(plain).control)
        reading.requestEnded()
        #expect(reading.responseStarted().persistence == .close)

        var responding = state()
        responding.headReceived(try head(plain).control)
        responding.requestEnded()
        #expect(responding.responseStarted().persistence == .keepAlive)
        #expect(responding.shutdownRequested() == .finish)
        #expect(responding.responseWritten(now: 2) == .shutDownThenLinger)
        #expect(responding.shutdownRequested() == .close)
    }

    @Test func `a closed connection asks for nothing`() {
        var state = state()
        state.closed()
        #expect(state.wantsInput == false && state.deadline == nil)
        #expect(state.inputReceived(1, now: 1) == .discard)
        #expect(state.inputEnded() == .close)
        #expect(state.bodyWanted(now: 1) == .nothing)
    }

    @Test func `events out of order trap`() async {
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState(timeouts: ConnectionTimeouts(), now: 0)
            _ = state.responseStarted()
        }
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState(timeouts: ConnectionTimeouts(), now: 0)
            _ = state.responseWritten(now: 1)
        }
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState(timeouts: ConnectionTimeouts(), now: 0)
            let request = try head("GET / HTTP/1.0\r\n\r\n")
            state.headReceived(request.control)
            state.headReceived(request.control)
        }
    }
}
