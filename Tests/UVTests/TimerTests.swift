import TestSupport
import Testing
import UV

@Suite struct TimerTests {
    @Test func `fires once, after start has returned, and not before its time`() throws {
        var calls: [String] = []
        try withLoop { loop in
            let timer = try Timer(on: loop)
            let start = loop.now
            timer.start(afterMilliseconds: 5) {
                calls.append("fired")
                #expect(loop.now >= start + 5)
                #expect(!timer.isActive)
                timer.close()
            }
            calls.append("returned")
        }
        #expect(calls == ["returned", "fired"])
    }

    @Test func `a time of zero still waits for the loop`() throws {
        var calls: [String] = []
        try withLoop { loop in
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 0) {
                calls.append("fired")
                timer.close()
            }
            calls.append("returned")
        }
        #expect(calls == ["returned", "fired"])
    }

    @Test func `repeats until it is closed in its own callback`() throws {
        var count = 0
        try withLoop { loop in
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 1, repeatMilliseconds: 1) {
                count += 1
                if count == 3 { timer.close() }
            }
        }
        #expect(count == 3)
    }

    @Test func `a stopped timer does not fire and can be started again`() throws {
        var fired: [String] = []
        try withLoop { loop in
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 0) { fired.append("stopped") }
            timer.stop()
            loop.run()
            timer.start(afterMilliseconds: 0) {
                fired.append("started again")
                timer.close()
            }
        }
        #expect(fired == ["started again"])
    }

    @Test func `starting anew replaces the time and the closure`() throws {
        var fired: [String] = []
        try withLoop { loop in
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 3_600_000) { fired.append("old") }
            timer.start(afterMilliseconds: 1) {
                fired.append("new")
                timer.close()
            }
        }
        #expect(fired == ["new"])
    }

    @Test func `timers fire in the order of their times`() throws {
        var order: [Int] = []
        try withLoop { loop in
            for milliseconds in [9, 3, 6] {
                let timer = try Timer(on: loop)
                timer.start(afterMilliseconds: UInt64(milliseconds)) {
                    order.append(milliseconds)
                    timer.close()
                }
            }
        }
        #expect(order == [3, 6, 9])
    }

    @Test func `closing or stopping lets go of what the closure holds at once`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            let timer = try Timer(on: loop)
            for end in [timer.stop, { timer.close() }] {
                do {
                    let witness = Witness()
                    trace = witness
                    timer.start(afterMilliseconds: 1) { witness.touch() }
                }
                #expect(trace != nil)
                end()
                #expect(trace == nil)
            }
        }
    }

    @Test func `stopping a closed timer is harmless`() throws {
        try withLoop { loop in
            let timer = try Timer(on: loop)
            timer.close { timer.stop() }
            timer.stop()
        }
    }

    @Test func `starting a closed timer traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in
                let timer = try Timer(on: loop)
                timer.close()
                timer.start(afterMilliseconds: 1) {}
            }
        }
        requireMessage("a closed timer cannot start", in: result)
    }
}
