import Testing
import UV

@Suite struct LockTests {
    @Test func `threads that add at once lose nothing`() throws {
        let counter = Counter()
        let threads = try (0..<4).map { number in
            try Thread(name: "adder-\(number)") {
                for _ in 0..<10_000 { counter.count.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.count.withLock { $0 } == 40_000)
    }

    @Test func `an error passes through, and the lock is free after it`() {
        let lock = Lock([1])
        #expect(throws: UVError.io) {
            try lock.withLock { (value) throws(UVError) in
                value.append(2)
                throw .io
            }
        }
        #expect(lock.withLock { $0 } == [1, 2])
    }

    @Test func `what it guards goes with it`() {
        weak var trace: Counter?
        do {
            let lock = Lock<Counter?>(Counter())
            trace = lock.withLock { $0 }
            #expect(trace != nil)
        }
        #expect(trace == nil)
    }
}

private final class Counter: Sendable {
    let count = Lock(0)
}
