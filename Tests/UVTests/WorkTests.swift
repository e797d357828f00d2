import Glibc
import Synchronization
import TestSupport
import Testing
import UV

@Suite struct WorkTests {
    @Test func `runs on another thread and completes on the loop's`() throws {
        var order: [String] = []
        try withLoop { loop in
            let here = pthread_self()
            loop.work {
                pthread_equal(here, pthread_self()) == 0
            } completion: { isElsewhere in
                order.append(isElsewhere ? "worked elsewhere" : "worked on the loop")
                #expect(pthread_equal(here, pthread_self()) != 0)
            }
            order.append("returned")
        }
        #expect(order == ["returned", "worked elsewhere"])
    }

    @Test func `every piece completes exactly once with its own result`() throws {
        let count = 1_000
        var completions = [Int](repeating: 0, count: count)
        try withLoop { loop in
            for i in 0..<count {
                loop.work {
                    i * 3
                } completion: {
                    completions[$0 / 3] += 1
                }
            }
        }
        #expect(completions == .init(repeating: 1, count: count))
    }

    @Test func `the loop serves others while work is under way`() throws {
        var order: [String] = []
        try withLoop { loop in
            let gate = Gate()
            loop.work {
                gate.wait()
            } completion: {
                order.append("work")
            }
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 1) {
                order.append("timer")
                timer.close { gate.open() }
            }
        }
        #expect(order == ["timer", "work"])
    }

    @Test func `a completion can begin the next piece`() throws {
        var results: [Int] = []
        try withLoop { loop in
            func next(_ number: Int) {
                loop.work {
                    number
                } completion: { value in
                    results.append(value)
                    if value < 3 { next(value + 1) }
                }
            }
            next(1)
        }
        #expect(results == [1, 2, 3])
    }

    @Test func `what the closures hold is let go once the piece has completed`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            do {
                let witness = Witness()
                trace = witness
                loop.work {
                    1
                } completion: { _ in
                    witness.touch()
                }
            }
            #expect(trace != nil)
            loop.run()
            #expect(trace == nil)
        }
    }

    @Test func `a result may be an error or nothing at all`() throws {
        var failures: [UVError] = []
        var emptyCount = 0
        try withLoop { loop in
            loop.work {
                Result<Int, UVError>.failure(.io)
            } completion: { result in
                if case .failure(let error) = result { failures.append(error) }
            }
            loop.work { () -> Int? in
                nil
            } completion: {
                if $0 == nil { emptyCount += 1 }
            }
        }
        #expect(failures == [.io])
        #expect(emptyCount == 1)
    }
}
