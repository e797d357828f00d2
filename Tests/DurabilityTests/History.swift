internal import Bytes
internal import TestSupport
internal import UV

/// Plays one history again and again: with a power cut at every moment of it, and with every one of
/// its operations failing.
struct History {
    let seed: UInt64
    let steps: [Step]
    /// A disk on which the service was started once.
    let origin: MemoryFileSystem
    /// Puts something between the stores and the disk: a bug that is to be found.
    let wrap: @Sendable (MemoryFileSystem) -> (any FileSystem)?

    init(
        seed: UInt64,
        origin: MemoryFileSystem,
        wrap: @escaping @Sendable (MemoryFileSystem) -> (any FileSystem)? = { _ in nil }
    ) {
        self.seed = seed
        self.origin = origin
        self.wrap = wrap
        steps = Step.history(seed: seed)
    }

    /// A disk on which the service was started once.
    static func makeOrigin() throws -> MemoryFileSystem {
        let disk = MemoryFileSystem()
        let machine = try Machine(disk)
        try machine.start()
        machine.stop(isOrderly: false)
        return disk.copy()
    }

    /// Plays the steps, whatever they answer.
    func play(_ machine: Machine) throws {
        for (number, step) in steps.enumerated() {
            switch step {
            case .uploads(let requests):
                for request in requests { machine.upload([request]) }
            case .batch(let requests):
                machine.upload(requests, grouped: true)
            case .link:
                _ = machine.addLink(seed &* 100 &+ UInt64(number))
            case .snapshot:
                machine.snapshot()
            case .unfinished(let image, let isDiscarded):
                machine.leaveUnfinished(image, isDiscarded: isDiscarded)
            case .restart(let isOrderly):
                machine.stop(isOrderly: isOrderly)
                try machine.start()
            case .rebuild:
                machine.stop(isOrderly: false)
                machine.rebuild()
                try machine.start()
            }
            // A second for each step, so that the catalog tries to mend itself.
            machine.clock.advance(by: 1)
            try Inspection.expectConsistent(machine)
        }
    }

    // MARK: Power cuts

    /// Cuts the power at every moment, or kills the process.
    ///
    /// - Parameters:
    ///   - tally: counts.
    ///   - stride: at every how many moments; 1 for each.
    func cutEverywhere(_ tally: inout Tally, stride: Int) {
        tally.stride = stride
        let cuts = CutRecorder()
        let disk = origin.copy()
        do {
            let machine = try Machine(disk, through: wrap(disk))
            cuts.watch(disk, machine.ledger)
            try machine.start()
            try play(machine)
            machine.stop(isOrderly: seed % 2 == 0)
            disk.watch(nil)
            cuts.add(Cut(moment: disk.moment, ledger: machine.ledger.now))
        } catch {
            return tally.lose(error, self, "without any fault")
        }
        tally.operations += disk.operations.count
        var random = SeededRandom(seed: seed)
        let offset = Int(random.next() % UInt64(stride))
        for (number, cut) in cuts.all.enumerated() where number % stride == offset {
            let survival = Self.survival(Int(random.next() % 4), random.next())
            inspect(cut, survival, &tally, "cut \(number)", &random)
            // One loss is enough of a history.
            guard tally.losses.isEmpty else { return }
        }
    }

    static func survival(_ number: Int, _ seed: UInt64) -> MemoryFileSystem.Survival {
        switch number % 4 {
        case 0: .some(seed: seed)
        case 1: .inOrder(seed: seed)
        case 2: .nothing
        default: .everything
        }
    }

    /// Starts from what a crash left and looks; now and then the power fails a second time while
    /// it starts.
    func inspect(
        _ cut: Cut,
        _ survival: MemoryFileSystem.Survival,
        _ tally: inout Tally,
        _ place: String,
        _ random: inout SeededRandom
    ) {
        var disk = cut.moment.boot(survival)
        var inspection = Inspection(allowsUntracked: survival.isUnordered)
        var place = "\(place) before \(cut.moment.operation.map { "\($0)" } ?? "the end")"
        place += ", \(survival)"
        tally.cuts += 1
        tally.acknowledged += cut.ledger.kept.count
        do {
            if random.next() % 4 == 0 {
                let again = Self.survival(Int(random.next() % 4), random.next())
                disk = try cutRecovery(of: disk, cut.ledger, again, random.next())
                inspection = Inspection(
                    allowsUntracked: survival.isUnordered || again.isUnordered
                )
                place += ", again \(again)"
                tally.cuts += 1
                tally.cutsOfRecoveries += 1
            }
            try inspection.run(disk, cut.ledger, through: wrap(disk))
        } catch {
            tally.lose(error, self, place)
        }
    }

    private func cutRecovery(
        of disk: MemoryFileSystem,
        _ ledger: Ledger,
        _ survival: MemoryFileSystem.Survival,
        _ choice: UInt64
    ) throws -> MemoryFileSystem {
        let machine = try Machine(disk, through: wrap(disk), ledger: ledger)
        let cuts = CutRecorder()
        cuts.watch(disk, machine.ledger)
        try machine.start()
        disk.watch(nil)
        machine.stop(isOrderly: false)
        let moments = cuts.all
        return moments[Int(choice % UInt64(moments.count))].moment.boot(survival)
    }
}

extension MemoryFileSystem.Survival {
    /// Whether names become durable each directory by itself.
    var isUnordered: Bool {
        switch self {
        case .some, .nothing: true
        case .everything, .inOrder: false
        }
    }
}
