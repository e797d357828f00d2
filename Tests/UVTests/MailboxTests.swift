import TestSupport
import Testing
import UV

/// The mailbox is seen through `Async` and `Completion`, which share a loop's only one.
@Suite struct MailboxTests {
    @Test func `what one thread posts by either way comes in the order of posting`() throws {
        var order: [Int] = []
        var thread: UV.Thread?
        try withLoop { loop in
            let async = Async(on: loop) { (value: Int) in order.append(value) }
            let completions = (0..<100).map { _ in loop.completion { order.append($0) } }
            thread = try Thread(name: "poster") {
                for (i, completion) in completions.enumerated() {
                    async.send(2 * i)
                    completion.resolve(2 * i + 1)
                }
            }
            loop.run()
            async.close()
        }
        thread?.join()
        #expect(order == Array(0..<200))
    }

    @Test func `what arrives while a batch is delivered is delivered too`() throws {
        var order: [Int] = []
        try withLoop { loop in
            let done = loop.completion { (_: Void) in }
            var async: Async<Int>?
            async = Async(on: loop) { value in
                order.append(value)
                if value < 1_000 { async?.send(value + 1) } else { done.resolve(()) }
            }
            async?.send(1)
            loop.run()
            async?.close()
            async = nil
        }
        #expect(order == Array(1...1_000))
    }

    @Test func `posting to a loop that is gone drops the value`() throws {
        weak var trace: Witness?
        let async: Async<Payload>
        do {
            let loop = try Loop()
            async = Async(on: loop) { _ in Issue.record("there is no loop to run on") }
        }
        do {
            let payload = Payload()
            trace = payload.witness
            async.send(payload)
        }
        #expect(trace == nil)
        async.close()
    }

    @Test func `a thread may post while the loop goes`() throws {
        for _ in 0..<200 {
            let gate = Gate()
            let thread: UV.Thread
            do {
                let loop = try Loop()
                let async = Async(on: loop) { (_: Int) in }
                thread = try Thread(name: "late poster") {
                    gate.open()
                    for i in 0..<50 { async.send(i) }
                }
                gate.wait()
                loop.run()
            }
            thread.join()
        }
    }
}

/// `@unchecked Sendable`: the test that makes one has no second thread.
private struct Payload: @unchecked Sendable {
    let witness = Witness()
}
