internal import TestSupport
internal import UV

/// One moment of a history with what the clients knew by then.
struct Cut: Sendable {
    let moment: MemoryFileSystem.Moment
    let ledger: Ledger
}

/// Takes note of every moment from which a crash would leave something else than from the one
/// before.
final class CutRecorder: Sendable {
    private struct State: Sendable {
        var cuts: [Cut] = []
        var last = (-1, -1)
    }

    private let state = Lock(State())

    var all: [Cut] { state.withLock { $0.cuts } }

    func add(_ cut: Cut) { state.withLock { $0.cuts.append(cut) } }

    func watch(_ disk: MemoryFileSystem, _ ledger: LedgerBook) {
        disk.watch { [self] moment in
            let known = ledger.now
            let counts = (moment.changeCount, known.changeCount)
            state.withLock { state in
                guard state.last != counts else { return }
                state.last = counts
                state.cuts.append(Cut(moment: moment, ledger: known))
            }
        }
    }
}

/// Keeps one of all the moments from a certain operation on, each with the same probability.
final class CutSampler: Sendable {
    private struct State: Sendable {
        var count = 0
        var cut: Cut?
        var random: SeededRandom
    }

    private let first: Int
    private let state: Lock<State>

    init(after first: Int, seed: UInt64) {
        self.first = first
        state = Lock(State(random: SeededRandom(seed: seed)))
    }

    var cut: Cut? { state.withLock { $0.cut } }

    func watch(_ disk: MemoryFileSystem, _ ledger: LedgerBook) {
        disk.watch { [self] moment in
            let known = ledger.now
            state.withLock { state in
                state.count += 1
                guard state.count > first,
                    state.random.next() % UInt64(state.count - first) == 0
                else { return }
                state.cut = Cut(moment: moment, ledger: known)
            }
        }
    }
}
