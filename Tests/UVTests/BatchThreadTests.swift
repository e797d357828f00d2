import TestSupport
import Testing
import UV

@Suite struct BatchThreadTests {
    @Test func `what queues up while a batch is processed makes the next batch`() throws {
        let batches = Lock<[[Int]]>([])
        let entered = Gate()
        let leave = Gate()
        let thread = try BatchThread<Int>(name: "batches") { batch in
            batches.withLock { $0.append(batch) }
            entered.open()
            leave.wait()
        }
        thread.submit(1)
        entered.wait()
        // The first batch is held inside; all of these must wait together.
        for i in 2...100 { thread.submit(i) }
        leave.open()
        entered.wait()
        thread.submit(101)
        leave.open()
        leave.open()
        thread.finish()
        #expect(batches.withLock { $0 } == [[1], Array(2...100), [101]])
    }

    @Test func `a patient thread is one while it processes`() throws {
        let found = Lock<[CInt]>([])
        let thread = try BatchThread<Int>(name: "patient") { _ in
            found.withLock { $0.append(nicenessOfThisThread()) }
        }
        thread.submit(1)
        thread.finish()
        #expect(found.withLock { $0 } == [min(19, nicenessOfThisThread() + 5)])
    }

    @Test func `finish processes what is queued before it returns`() throws {
        let items = Lock<[Int]>([])
        let entered = Gate()
        let leave = Gate()
        let thread = try BatchThread<Int>(name: "finish") { batch in
            items.withLock { $0 += batch }
            entered.open()
            leave.wait()
        }
        thread.submit(1)
        entered.wait()
        thread.submit(2)
        thread.submit(3)
        leave.open()
        leave.open()
        thread.finish()
        #expect(items.withLock { $0 } == [1, 2, 3])
    }

    @Test func `an idle thread finishes, and finishing twice is harmless`() throws {
        let thread = try BatchThread<Int>(name: "idle") { _ in Issue.record("nothing came") }
        thread.finish()
        thread.finish()
    }

    @Test func `each item is processed once, each submitter's in order`() throws {
        let (threadCount, count) = (4, 5_000)
        let items = Lock<[[Int]]>(.init(repeating: [], count: threadCount))
        let isEmptySeen = Lock(false)
        let batches = try BatchThread<(thread: Int, number: Int)>(name: "many") { batch in
            if batch.isEmpty { isEmptySeen.withLock { $0 = true } }
            items.withLock { items in for item in batch { items[item.thread].append(item.number) } }
        }
        let submitters = try (0..<threadCount).map { number in
            try UV.Thread(name: "submitter \(number)") {
                for i in 0..<count { batches.submit((number, i)) }
            }
        }
        for submitter in submitters { submitter.join() }
        batches.finish()
        #expect(items.withLock { $0 } == .init(repeating: Array(0..<count), count: threadCount))
        #expect(!isEmptySeen.withLock { $0 })
    }

    @Test func `a batch completes on the loops that wait for it`() throws {
        var results: [Int] = []
        let thread = try BatchThread<(Int, Completion<Int>)>(name: "group commit") { batch in
            for (value, completion) in batch { completion.resolve(value * 2) }
        }
        try withLoop { loop in
            for i in 0..<100 { thread.submit((i, loop.completion { results.append($0) })) }
        }
        thread.finish()
        #expect(results == (0..<100).map { $0 * 2 })
    }

    @Test func `a finished thread and what it held are released`() throws {
        weak var trace: BatchThread<Int>?
        weak var held: Gate?
        do {
            let gate = Gate()
            held = gate
            let thread = try BatchThread<Int>(name: "released") { _ in gate.open() }
            trace = thread
            thread.submit(1)
            gate.wait()
            thread.finish()
        }
        #expect(trace == nil)
        #expect(held == nil)
    }

    @Test func `submitting after finish traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let thread = try BatchThread<Int>(name: "late") { _ in }
            thread.finish()
            thread.submit(1)
        }
        requireMessage("nothing can be submitted after finish", in: result)
    }
}
