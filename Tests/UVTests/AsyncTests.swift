import TestSupport
import Testing
import UV

@Suite struct AsyncTests {
    @Test func `a value sent from the loop comes after send has returned`() throws {
        var order: [String] = []
        try withLoop { loop in
            let done = loop.completion { (_: Void) in order.append("done") }
            let async = Async(on: loop) { (value: String) in
                order.append(value)
                done.resolve(())
            }
            async.send("value")
            order.append("returned")
            loop.run()
            async.close()
        }
        #expect(order == ["returned", "value", "done"])
    }

    @Test func `values from many threads all come, each thread's in order`() throws {
        let (threadCount, count) = (4, 5_000)
        var values: [[Int]] = .init(repeating: [], count: threadCount)
        var threads: [UV.Thread] = []
        try withLoop { loop in
            let done = loop.completion { (_: Void) in }
            var left = threadCount * count
            let async = Async(on: loop) { (value: (thread: Int, number: Int)) in
                values[value.thread].append(value.number)
                left -= 1
                if left == 0 { done.resolve(()) }
            }
            for number in 0..<threadCount {
                threads.append(
                    try Thread(name: "sender \(number)") {
                        for i in 0..<count { async.send((number, i)) }
                    }
                )
            }
            loop.run()
            async.close()
        }
        for thread in threads { thread.join() }
        #expect(values == .init(repeating: Array(0..<count), count: threadCount))
    }

    @Test func `an open async does not keep the loop running`() throws {
        try withLoop { loop in
            let async = Async(on: loop) { (_: Int) in Issue.record("nothing was sent") }
            loop.run()
            async.close()
        }
    }

    @Test func `closed in its own callback it drops what is still on the way`() throws {
        var values: [Int] = []
        try withLoop { loop in
            let done = loop.completion { (_: Void) in }
            var async: Async<Int>?
            async = Async(on: loop) { value in
                values.append(value)
                async?.close()
                async = nil
                done.resolve(())
            }
            async?.send(1)
            async?.send(2)
        }
        #expect(values == [1])
    }

    @Test func `closing twice and sending after it are harmless`() throws {
        try withLoop { loop in
            let async = Async(on: loop) { (_: Int) in Issue.record("it was closed") }
            async.close()
            async.close()
            async.send(1)
            let done = loop.completion { (_: Void) in }
            done.resolve(())
        }
    }

    @Test func `closing lets go of what the closure holds`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            let async: Async<Int>
            do {
                let witness = Witness()
                trace = witness
                async = Async(on: loop) { _ in witness.touch() }
            }
            #expect(trace != nil)
            async.close()
            #expect(trace == nil)
        }
    }
}
