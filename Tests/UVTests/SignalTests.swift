import Glibc
import TestSupport
import Testing
import UV

/// Serialized, because a signal goes to every watcher of the process.
@Suite(.serialized) struct SignalTests {
    @Test(arguments: [(Signal.Name.interrupt, SIGINT), (.terminate, SIGTERM)])
    func `calls back on the loop for each signal`(name: Signal.Name, number: CInt) throws {
        var calls: [String] = []
        try withLoop { loop in
            let signal = try Signal(on: loop)
            try signal.start(name) {
                calls.append("signal")
                if calls.count == 3 { signal.close() } else { send(number) }
            }
            send(number)
            calls.append("returned")
        }
        #expect(calls == ["returned", "signal", "signal"])
    }

    @Test func `every loop that watches is told`() throws {
        var told: [String] = []
        try withLoop { first in
            let one = try Signal(on: first)
            try one.start(.terminate) {
                told.append("first")
                one.close()
            }
            try withLoop { second in
                let two = try Signal(on: second)
                try two.start(.terminate) {
                    told.append("second")
                    two.close()
                }
                send(SIGTERM)
            }
        }
        #expect(told == ["second", "first"])
    }

    @Test func `closing lets go of what the closure holds at once`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            let signal = try Signal(on: loop)
            do {
                let witness = Witness()
                trace = witness
                try signal.start(.interrupt) { witness.touch() }
            }
            #expect(trace != nil)
            signal.close()
            #expect(trace == nil)
        }
    }

    @Test func `a closed watcher gives the signal its usual effect back`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            try withLoop { loop in
                let signal = try Signal(on: loop)
                try signal.start(.terminate) {}
                signal.close()
            }
            send(SIGTERM)
            pause()
        }
    }

    @Test func `starting a closed watcher traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in
                let signal = try Signal(on: loop)
                signal.close()
                try signal.start(.interrupt) {}
            }
        }
        requireMessage("a closed watcher cannot start", in: result)
    }

    @Test func `without the broken-pipe signal a write to a dead peer fails with EPIPE`() async {
        // In a process of its own, because the disposition is the whole process's.
        await #expect(processExitsWith: .exitCode(17)) {
            ignoreBrokenPipeSignal()
            #expect(errorOfWriteToDeadPipe() == EPIPE)
            exit(17)
        }
    }
}

/// Sends a signal to the process rather than to the calling thread: the threads that tests run on
/// block all signals.
private func send(_ number: CInt) { kill(getpid(), number) }

/// Writes to a pipe that nobody reads, which without further ado ends the process.
private func errorOfWriteToDeadPipe() -> CInt {
    var ends: [CInt] = [0, 0]
    // SAFETY: the array has room for the two descriptors; the text outlives the call.
    guard unsafe pipe(&ends) == 0 else { return errno }
    defer { close(ends[1]) }
    close(ends[0])
    let written = unsafe write(ends[1], "x", 1)
    return written == -1 ? errno : 0
}
