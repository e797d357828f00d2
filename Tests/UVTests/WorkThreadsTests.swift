import Glibc
import TestSupport
import Testing
import UV

@Suite struct WorkThreadsTests {
    @Test func `work runs on another thread and completes on the loop's`() throws {
        let threads = try WorkThreads(name: "work", count: 1)
        var order: [String] = []
        try withLoop { loop in
            let here = pthread_self()
            threads.submit(on: loop) {
                pthread_equal(here, pthread_self()) == 0
            } completion: { isElsewhere in
                order.append(isElsewhere ? "worked elsewhere" : "worked on the loop")
                #expect(pthread_equal(here, pthread_self()) != 0)
            }
            order.append("returned")
        }
        threads.finish()
        #expect(order == ["returned", "worked elsewhere"])
    }

    @Test func `one thread takes pieces in the order in which they came`() throws {
        let threads = try WorkThreads(name: "work", count: 1)
        let taken = Lock<[Int]>([])
        let entered = Gate()
        let leave = Gate()
        try withLoop { loop in
            threads.submit(on: loop) {
                entered.open()
                leave.wait()
            } completion: {
            }
            entered.wait()
            for i in 0..<5 {
                threads.submit(on: loop) {
                    taken.withLock { $0.append(i) }
                } completion: {
                }
            }
            // More come when some of them have been taken already.
            threads.submit(on: loop) {
                entered.open()
                leave.wait()
            } completion: {
            }
            leave.open()
            entered.wait()
            for i in 5..<10 {
                threads.submit(on: loop) {
                    taken.withLock { $0.append(i) }
                } completion: {
                }
            }
            leave.open()
        }
        threads.finish()
        #expect(taken.withLock { $0 } == Array(0..<10))
    }

    @Test func `as many pieces are worked on at once as there are threads`() throws {
        let count = 3
        let threads = try WorkThreads(name: "work", count: count)
        let arrived = Gate()
        let leave = Gate()
        let isFourthTaken = Lock(false)
        try withLoop { loop in
            for _ in 0..<count {
                threads.submit(on: loop) {
                    arrived.open()
                    leave.wait()
                } completion: {
                }
            }
            threads.submit(on: loop) {
                isFourthTaken.withLock { $0 = true }
            } completion: {
            }
            for _ in 0..<count { arrived.wait() }
            #expect(!isFourthTaken.withLock { $0 })
            for _ in 0..<count { leave.open() }
        }
        threads.finish()
        #expect(isFourthTaken.withLock { $0 })
    }

    @Test func `every piece completes exactly once with its own result`() throws {
        let (count, threadCount) = (5_000, 4)
        let threads = try WorkThreads(name: "work", count: threadCount)
        var completions = [Int](repeating: 0, count: count)
        try withLoop { loop in
            for i in 0..<count {
                threads.submit(on: loop) {
                    i * 3
                } completion: {
                    completions[$0 / 3] += 1
                }
            }
        }
        threads.finish()
        #expect(completions == .init(repeating: 1, count: count))
    }

    @Test func `finish does what is queued, and what comes later the pool does`() throws {
        let threads = try WorkThreads(name: "work", count: 1)
        let entered = Gate()
        let leave = Gate()
        var completed: [String] = []
        try withLoop { loop in
            threads.submit(on: loop) {
                entered.open()
                leave.wait()
            } completion: {
                completed.append("first")
            }
            threads.submit(on: loop) {
            } completion: {
                completed.append("queued")
            }
            entered.wait()
            leave.open()
            threads.finish()
            threads.finish()
            threads.submit(on: loop) {
                2
            } completion: {
                completed.append("late \($0)")
            }
        }
        #expect(completed.count == 3)
        #expect(Set(completed) == ["first", "queued", "late 2"])
    }

    @Test func `what the closures hold is let go once the piece has completed`() throws {
        let threads = try WorkThreads(name: "work", count: 1)
        weak var trace: Witness?
        try withLoop { loop in
            do {
                let witness = Witness()
                trace = witness
                threads.submit(on: loop) {
                    1
                } completion: { _ in
                    witness.touch()
                }
            }
            #expect(trace != nil)
            loop.run()
            #expect(trace == nil)
        }
        threads.finish()
    }

    @Test func `finished threads are released`() throws {
        weak var trace: WorkThreads?
        do {
            let threads = try WorkThreads(name: "work", count: 2)
            trace = threads
            threads.finish()
        }
        #expect(trace == nil)
    }

    @Test func `no thread at all traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            _ = try WorkThreads(name: "work", count: 0)
        }
        requireMessage("work needs a thread", in: result)
    }

    @Test func `they give way to loops`() throws {
        let threads = try WorkThreads(name: "work", count: 1)
        var niceness: [CInt] = []
        try withLoop { loop in
            threads.submit(on: loop) {
                nicenessOfThisThread()
            } completion: {
                niceness.append($0)
            }
        }
        threads.finish()
        #expect(niceness == [min(19, nicenessOfThisThread() + 5)])
    }
}
