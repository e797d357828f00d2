import Synchronization
import TestSupport
import Testing
import UV

@Suite struct CompletionTests {
    @Test func `resolved on the loop it still waits until the call has returned`() throws {
        var order: [String] = []
        try withLoop { loop in
            let completion = loop.completion { (value: Int) in order.append("called with \(value)")
            }
            completion.resolve(7)
            order.append("returned")
        }
        #expect(order == ["returned", "called with 7"])
    }

    @Test func `values from another thread come in order and exactly once`() throws {
        let count = 10_000
        var values: [Int] = []
        var thread: UV.Thread?
        try withLoop { loop in
            let completions = (0..<count).map { _ in loop.completion { values.append($0) } }
            thread = try Thread(name: "resolver") {
                for (i, completion) in completions.enumerated() { completion.resolve(i) }
            }
        }
        thread?.join()
        #expect(values == Array(0..<count))
    }

    @Test func `values from many threads come exactly once, each thread's in order`() throws {
        let (threadCount, count) = (4, 2_000)
        var values: [[Int]] = .init(repeating: [], count: threadCount)
        var threads: [UV.Thread] = []
        try withLoop { loop in
            for number in 0..<threadCount {
                let completions = (0..<count).map { _ in
                    loop.completion { values[number].append($0) }
                }
                threads.append(
                    try Thread(name: "resolver \(number)") {
                        for (i, completion) in completions.enumerated() { completion.resolve(i) }
                    }
                )
            }
        }
        for thread in threads { thread.join() }
        #expect(values == .init(repeating: Array(0..<count), count: threadCount))
    }

    @Test func `the loop runs on while a completion is pending and no longer`() throws {
        var called = false
        try withLoop { loop in
            let gate = Gate()
            let completion = loop.completion { (_: Void) in called = true }
            let thread = try Thread(name: "resolver") {
                gate.wait()
                completion.resolve(())
            }
            // The thread waits for the loop: had `run` returned without the completion, the thread
            // would never be let through and `join` below would hang.
            loop.enqueue { gate.open() }
            loop.run()
            #expect(called)
            thread.join()
        }
    }

    @Test func `a completion can begin the next one`() throws {
        var order: [Int] = []
        try withLoop { loop in
            func next(_ number: Int) {
                let completion = loop.completion { (value: Int) in
                    order.append(value)
                    if value < 3 { next(value + 1) }
                }
                completion.resolve(number)
            }
            next(1)
        }
        #expect(order == [1, 2, 3])
    }

    @Test func `what the closure holds is let go with the call`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            let completion: Completion<Int>
            do {
                let witness = Witness()
                trace = witness
                completion = loop.completion { _ in witness.touch() }
            }
            #expect(trace != nil)
            completion.resolve(1)
            loop.run()
            // The completion itself is still held here; only the closure is gone.
            #expect(trace == nil)
            withExtendedLifetime(completion) {}
        }
    }

    @Test func `resolving twice traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in
                let completion = loop.completion { (_: Int) in }
                completion.resolve(1)
                completion.resolve(2)
            }
        }
        requireMessage("a completion was resolved twice", in: result)
    }

    @Test func `resolving again after the call traps as well`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in
                let completion = loop.completion { (_: Int) in }
                completion.resolve(1)
                loop.run()
                completion.resolve(2)
            }
        }
        requireMessage("a completion was resolved twice", in: result)
    }

    @Test func `forgetting a completion traps instead of hanging the loop`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in _ = loop.completion { (_: Int) in } }
        }
        requireMessage("a completion was never resolved", in: result)
    }
}
