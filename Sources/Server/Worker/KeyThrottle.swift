/// Counts wrong keys by where they come from, in a table that never grows.
///
/// Of each network the first `failuresMax` wrong keys in a minute are refused at once, further
/// ones late. A right key is always taken at once, since a lock would let anybody behind a shared
/// address (a proxy, a company) shut everybody else out; a key as long as the README's cannot be
/// guessed at any pace.
///
/// Who waits for `100 Continue` is refused at once as well: the contract promises it, and a client
/// that hears nothing for a second (curl's patience) would send a body that nobody reads.
struct KeyThrottle {
    /// Wrong keys of a network within `windowMilliseconds` that are refused at once: a person who
    /// mistypes, or a few programs that have yesterday's key.
    static let failuresMax = 10
    /// How long a network's wrong keys are remembered, from the first one on.
    static let windowMilliseconds: UInt64 = 60_000
    /// Networks that are remembered at once; 24 KiB a loop.
    static let networkCountMax = 1_024

    /// What is remembered of one network.
    private struct Entry {
        var network: UInt64 = 0
        var firstFailure: UInt64 = 0
        var failureCount = 0

        func isOver(_ now: UInt64) -> Bool {
            failureCount == 0 || now - firstFailure >= windowMilliseconds
        }
    }

    private var entries = [Entry](repeating: Entry(), count: networkCountMax)

    /// What becomes of a wrong key.
    enum Verdict: Hashable, Sendable {
        /// It is refused at once.
        case atOnce
        /// It is refused late; this is the first one of the window.
        case firstLate
        /// It is refused late.
        case late
    }

    /// Counts a wrong key.
    ///
    /// - Parameters:
    ///   - network: where it came from.
    ///   - now: the time, in milliseconds of a clock that never goes back.
    /// - Returns: what becomes of it.
    mutating func keyFailed(from network: UInt64, now: UInt64) -> Verdict {
        // Swift's hash has a random seed, so that nobody can choose networks that collide.
        let slot = Int(UInt(bitPattern: network.hashValue) % UInt(Self.networkCountMax))
        var entry = entries[slot]
        let isOther = entry.network != network
        if entry.isOver(now) || (isOther && entry.failureCount < Self.failuresMax) {
            entry = Entry(network: network, firstFailure: now)
        }
        // A network that is refused late is not forgotten for one that happens to share its slot.
        guard entry.network == network else { return .atOnce }
        entry.failureCount += 1
        entries[slot] = entry
        switch entry.failureCount - Self.failuresMax {
        case ...0: return .atOnce
        case 1: return .firstLate
        default: return .late
        }
    }
}

/// Refusals that wait for their time, in the order in which they are due.
struct LateRefusals {
    /// How long a refusal waits, in milliseconds: too long to try many keys on one connection, too
    /// short to pile up.
    static let delayMilliseconds: UInt64 = 1_000
    /// The most refusals that wait in a loop; further ones are given at once, so that waiting costs
    /// a bounded number of connections.
    static let countMax = 256

    private var waiting: [(due: UInt64, exchange: Exchange, problem: Problem)] = []

    /// Lets a refusal wait.
    ///
    /// When all places are taken, those of clients that have left are free again.
    ///
    /// - Parameters:
    ///   - exchange: the request.
    ///   - problem: what is answered.
    ///   - now: the time, in milliseconds.
    /// - Returns: false when too many wait already.
    mutating func add(_ exchange: Exchange, _ problem: Problem, now: UInt64) -> Bool {
        if waiting.count >= Self.countMax { waiting.removeAll { !$0.exchange.isOpen } }
        guard waiting.count < Self.countMax else { return false }
        waiting.append((now + Self.delayMilliseconds, exchange, problem))
        return true
    }

    /// Takes out those whose time has come.
    ///
    /// - Parameter now: the time, in milliseconds.
    /// - Returns: requests and their answers.
    mutating func takeDue(now: UInt64) -> [(exchange: Exchange, problem: Problem)] {
        let due = waiting.prefix { $0.due <= now }.map { ($0.exchange, $0.problem) }
        waiting.removeFirst(due.count)
        return due
    }
}
