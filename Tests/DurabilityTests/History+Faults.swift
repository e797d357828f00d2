internal import Bytes
internal import TestSupport
internal import UV

/// What fails in a history.
struct Fault: CustomStringConvertible {
    /// What a disk or a system answers that has no more room, is worn out, and so on.
    static let errors: [UVError] = [.io, .noSpace, .quotaExceeded, .tooManyOpenFiles, .readOnly]

    let first: Int
    let count: Int
    let error: UVError

    var description: String { "operations \(first)..<\(first + count) answer \(error)" }

    /// Makes a disk fail, each kind of operation in a way in which it can: a read does not tell of
    /// a full disk.
    func inject(into disk: MemoryFileSystem) {
        var errors: [MemoryFileSystem.Operation.Kind: UVError] = [:]
        for kind in kinds { errors[kind] = error }
        disk.fail(.within(first..<first + count), with: .io, errors: errors)
    }

    private var kinds: [MemoryFileSystem.Operation.Kind] {
        switch error {
        case .noSpace, .quotaExceeded:
            [
                .open, .write, .truncate, .link, .rename, .makeDirectory, .synchronize,
                .synchronizeData,
            ]
        case .tooManyOpenFiles: [.open, .list]
        case .readOnly: [.open, .write, .truncate, .link, .rename, .remove, .makeDirectory]
        default: []
        }
    }
}

extension History {
    /// Lets every operation fail, each in a run of its own: alone, or with those after it.
    ///
    /// - Parameters:
    ///   - tally: counts.
    ///   - stride: every how many operations; 1 for each.
    ///   - kinds: only these, each alone; `nil` for all.
    func failEverywhere(
        _ tally: inout Tally,
        stride: Int,
        only kinds: Set<MemoryFileSystem.Operation.Kind>? = nil
    ) {
        tally.stride = stride
        let places: [Int]
        do {
            places = try interestingOperations(kinds)
        } catch {
            return tally.lose(error, self, "without any fault")
        }
        var random = SeededRandom(seed: seed &+ 1)
        let offset = Int(random.next() % UInt64(stride))
        for (number, place) in places.enumerated() where number % stride == offset {
            let isAlone = kinds != nil || random.next() % 3 != 0
            let fault = Fault(
                first: place,
                count: isAlone ? 1 : Int.random(in: 2...40, using: &random),
                error: Fault.errors[Int(random.next() % UInt64(Fault.errors.count))]
            )
            do {
                try run(fault, &tally, &random)
            } catch {
                tally.lose(error, self, "\(fault)")
            }
            guard tally.losses.isEmpty else { return }
        }
    }

    /// Which operations of the history are worth failing: making the 256 directories at each start
    /// is the same thing over and over, so that every fiftieth of it has to do.
    private func interestingOperations(
        _ kinds: Set<MemoryFileSystem.Operation.Kind>?
    ) throws -> [Int] {
        let disk = origin.copy()
        let machine = try Machine(disk, through: wrap(disk))
        disk.fail(nil)
        let base = disk.operations.count
        try machine.start()
        try play(machine)
        let operations = disk.operations.dropFirst(base)
        machine.stop(isOrderly: true)
        var isAfterMaking = false
        var places: [Int] = []
        for (number, operation) in operations.enumerated() {
            let isMaking = operation.kind == .makeDirectory || isAfterMaking
            isAfterMaking = operation.kind == .makeDirectory
            guard kinds?.contains(operation.kind) != false else { continue }
            if !isMaking || number % 50 == 0 { places.append(number) }
        }
        return places
    }

    /// Plays the history with a fault, expects the service to go on when it is over, and then cuts
    /// the power: at the end, and at a moment after the fault.
    private func run(
        _ fault: Fault,
        _ tally: inout Tally,
        _ random: inout SeededRandom
    ) throws {
        let disk = origin.copy()
        let machine = try Machine(disk, through: wrap(disk))
        fault.inject(into: disk)
        let sampler = CutSampler(after: fault.first, seed: random.next())
        sampler.watch(disk, machine.ledger)
        try machine.start()
        try play(machine)
        disk.watch(nil)
        disk.fail(nil)
        try Inspection.compare(machine)
        try Inspection.expectWork(machine)
        let end = Cut(moment: disk.moment, ledger: machine.ledger.now)
        machine.stop(isOrderly: random.next() % 2 == 0)
        tally.faults += fault.count
        tally.acknowledged += end.ledger.kept.count
        let cuts = [end, sampler.cut]
        for cut in cuts.compactMap({ $0 }) {
            let survival = Self.survival(Int(random.next() % 4), random.next())
            inspect(cut, survival, &tally, "\(fault), then a cut", &random)
        }
    }
}
