import Glibc
import Synchronization
import TestSupport
import Testing
import UV

@Suite struct LoopTests {
    @Test func `a loop without anything to do returns and is released`() throws {
        try withLoop { _ in }
    }

    @Test func `enqueued closures run in order, none before enqueue has returned`() throws {
        var order: [Int] = []
        try withLoop { loop in
            for i in 0..<5 { loop.enqueue { order.append(i) } }
            #expect(order.isEmpty)
        }
        #expect(order == [0, 1, 2, 3, 4])
    }

    @Test func `what an enqueued closure enqueues runs after it has returned`() throws {
        var order: [String] = []
        try withLoop { loop in
            loop.enqueue {
                loop.enqueue { order.append("inner") }
                order.append("outer")
            }
            loop.enqueue { order.append("second") }
        }
        #expect(order == ["outer", "second", "inner"])
    }

    @Test func `an enqueued closure does not wait for an event`() throws {
        try withLoop { loop in
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 3_600_000) { Issue.record("waited for an hour") }
            // From a callback of the loop, as it is mostly used: nothing else is due afterwards.
            loop.enqueue { loop.enqueue { timer.close() } }
        }
    }

    @Test func `stop returns from run and leaves the rest for the next one`() throws {
        var order: [String] = []
        try withLoop { loop in
            loop.enqueue {
                loop.stop()
                loop.enqueue { order.append("rest") }
            }
            loop.run()
            order.append("returned")
        }
        #expect(order == ["returned", "rest"])
    }

    @Test func `the clock does not go back`() throws {
        try withLoop { loop in
            var last = loop.now
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 0, repeatMilliseconds: 1) {
                #expect(loop.now >= last)
                if loop.now > last { timer.close() }
                last = loop.now
            }
        }
    }

    @Test func `a loop that was never run is released, with what was enqueued`() throws {
        weak var trace: Witness?
        do {
            let loop = try Loop()
            let witness = Witness()
            trace = witness
            loop.enqueue { witness.touch() }
        }
        #expect(trace == nil)
    }

    @Test func `releasing a loop while work is under way traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try Loop().work({ pause() }, completion: { _ in })
        }
        requireMessage("a loop was released with open handles or requests under way", in: result)
    }

    @Test func `without a descriptor left a loop is refused with EMFILE`() async {
        await #expect(processExitsWith: .success) {
            // Descriptors that are open stay open; the next one would be refused.
            let limit = try ProcessLimit(RLIMIT_NOFILE, to: 0)
            #expect(throws: UVError.tooManyOpenFiles) { try Loop() }
            try limit.lift()
            try withLoop { _ in }
        }
    }
}
