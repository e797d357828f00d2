import Glibc
import TestSupport
import Testing
import UV

@Suite struct ThreadTests {
    @Test func `join waits for the end of the body`() throws {
        let gate = Gate()
        let isDone = Lock(false)
        let thread = try UV.Thread(name: "worker") {
            gate.wait()
            isDone.withLock { $0 = true }
        }
        #expect(isDone.withLock { $0 } == false)
        gate.open()
        thread.join()
        #expect(isDone.withLock { $0 })
    }

    @Test(arguments: [
        ("commit", "commit"),
        ("fifteen bytes..", "fifteen bytes.."),
        ("sixteen bytes...", "sixteen bytes.."),
    ])
    func `a thread carries its name, cut at what Linux keeps of it`(
        name: String,
        expected: String
    ) throws {
        let found = Lock("")
        let thread = try UV.Thread(name: name) {
            let files = SystemFileSystem()
            let path = "/proc/thread-self/comm"
            guard let file = try? files.open(path, .read, permissions: 0) else { return }
            defer { files.close(file) }
            var bytes = [UInt8](repeating: 0, count: 64)
            var span = bytes.mutableSpan
            guard let count = try? files.read(file, into: &span, at: 0) else { return }
            found.withLock { $0 = String(decoding: bytes[..<count], as: UTF8.self) }
        }
        thread.join()
        #expect(found.withLock { $0 } == expected + "\n")
    }

    @Test func `a patient thread is nicer than a steady one, a prompt one is not nicer`() throws {
        let found = Lock<[CInt]>([])
        let start = nicenessOfThisThread()
        for urgency in [UV.Thread.Urgency.prompt, .steady, .patient] {
            let thread = try UV.Thread(name: "nice", urgency: urgency) {
                found.withLock { $0.append(nicenessOfThisThread()) }
            }
            thread.join()
        }
        #expect(found.withLock { $0 } == [start, start + 1, start + 5].map { min(19, $0) })
        #expect(nicenessOfThisThread() == start)
    }

    @Test func `what the body holds is let go when it ends`() throws {
        let trace = Lock<WeakGate>(WeakGate())
        let thread: UV.Thread
        do {
            let gate = Gate()
            trace.withLock { $0.gate = gate }
            thread = try UV.Thread(name: "holder") { gate.open() }
            gate.wait()
        }
        thread.join()
        #expect(trace.withLock { $0.gate == nil })
    }

    @Test(.disabled(if: isSanitized, "a sanitizer needs address space for itself"))
    func `a refused thread is an error and lets go of its body`() async {
        await #expect(processExitsWith: .success) {
            weak var trace: Gate?
            let limit = try ProcessLimit(RLIMIT_AS, to: 0)
            do {
                let gate = Gate()
                trace = gate
                #expect(throws: UVError.wouldBlock) {
                    _ = try UV.Thread(name: "refused") { gate.open() }
                }
            }
            try limit.lift()
            #expect(trace == nil)
        }
    }

    @Test func `there is at least one processor`() {
        #expect(availableParallelism >= 1)
    }

    @Test func `the pool takes as many pieces at once as it was given threads`() async {
        await #expect(processExitsWith: .success) {
            // All of these wait for each other, which only as many threads as pieces can do.
            let count = 9
            setThreadPoolSize(count)
            try withLoop { loop in
                let arrived = Gate()
                let leave = Gate()
                for _ in 0..<count - 1 {
                    loop.work {
                        arrived.open()
                        leave.wait()
                    } completion: {
                    }
                }
                loop.work {
                    for _ in 0..<count - 1 { arrived.wait() }
                    for _ in 0..<count - 1 { leave.open() }
                } completion: {
                }
            }
        }
    }

    @Test(arguments: [0, 1_025])
    func `a pool size that libuv would change silently traps`(count: Int) async {
        await #expect(processExitsWith: .failure) { [count] in setThreadPoolSize(count) }
    }

    @Test(arguments: [1, 1_024])
    func `the smallest and the largest pool are taken`(count: Int) async {
        await #expect(processExitsWith: .success) { [count] in setThreadPoolSize(count) }
    }
}

/// The nice value of the calling thread.
func nicenessOfThisThread() -> CInt { getpriority(CInt(PRIO_PROCESS.rawValue), 0) }

private struct WeakGate: Sendable {
    weak var gate: Gate?
}
