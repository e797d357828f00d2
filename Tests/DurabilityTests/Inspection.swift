internal import Bytes
internal import Catalog
@testable internal import Server
internal import TestSupport
internal import UV

/// Looks whether a disk holds what a ledger promises, and whether work goes on with it.
struct Inspection {
    /// Whether names may have become durable in an order of their own: only then may the file of an
    /// upload that was never acknowledged stay behind, known to nobody (`BlobFiles.md`).
    let allowsUntracked: Bool

    /// Starts the service, compares, uploads, stops, and verifies.
    ///
    /// - Parameters:
    ///   - disk: as a crash left it.
    ///   - ledger: what was promised by then.
    ///   - outer: what the stores see in the disk's place.
    /// - Throws: `Loss`.
    func run(
        _ disk: MemoryFileSystem,
        _ ledger: Ledger,
        through outer: (any FileSystem)? = nil
    ) throws {
        let machine = try Machine(disk, through: outer, ledger: ledger)
        try machine.start()
        try Self.compare(machine)
        if try !disk.list(Machine.path + "/incoming").isEmpty {
            throw Loss("the start left something of unfinished uploads")
        }
        try Self.expectWork(machine)
        machine.stop(isOrderly: true)
        guard disk.openFileCount == 0 else { throw Loss("a descriptor was left open") }
        try verify(disk, machine, outer)
    }

    /// Requires of a running service, whatever fails, that its clients see what they were promised
    /// and nothing that was refused.
    ///
    /// - Parameter machine: the service.
    /// - Throws: `Loss`.
    static func expectConsistent(_ machine: Machine) throws {
        let kept = Set(machine.ledger.now.kept.keys)
        let visible = machine.visibleIDs
        guard visible == kept else {
            throw Loss("\(visible.symmetricDifference(kept)) can be seen, or not, other than told")
        }
    }

    /// Compares a running service with its ledger.
    ///
    /// - Parameter machine: the service; what is visible is taken for promised.
    /// - Throws: `Loss`.
    static func compare(_ machine: Machine) throws {
        let ledger = machine.ledger.now
        let visible = machine.visibleIDs
        guard visible == Set(ledger.kept.keys) else {
            throw Loss("the catalog has \(visible.count) images instead of \(ledger.kept.count)")
        }
        for (id, image) in ledger.kept {
            guard machine.record(id) == image.record else {
                throw Loss("the catalog has another record of \(id)")
            }
            guard machine.content(id) == image.bytes else {
                throw Loss("\(id) was acknowledged, and its bytes are not there")
            }
        }
        let count = UInt64(ledger.kept.count)
        let bytes = ledger.kept.values.reduce(0) { $0 + $1.record.sizeBytes }
        let statistics = machine.statistics()
        guard let statistics, statistics.images == count, statistics.bytes == bytes,
            statistics.days.reduce(0, { $0 + $1.images }) == count,
            statistics.formats.reduce(0, { $0 + $1.images }) == count
        else {
            throw Loss("the statistics count \(String(describing: statistics?.images)): \(count)")
        }
        for link in ledger.links where machine.resolution(link) != .valid(link) {
            throw Loss("the link \(link.id) was handed out, and is not there")
        }
    }

    /// Requires that uploads, old and new, and links are taken.
    ///
    /// - Parameter machine: a service whose disk has no faults any more.
    /// - Throws: `Loss`.
    static func expectWork(_ machine: Machine) throws {
        // The catalog tries to mend itself once a second.
        machine.clock.advance(by: 2)
        guard machine.isReady else { throw Loss("it is not ready for uploads") }
        let known = machine.ledger.now.sent.count
        let number = UInt64(10_000 + known)
        guard machine.upload([[number], [number, number + 1]]) == 2 else {
            throw Loss("it takes no upload")
        }
        guard machine.addLink(number) else { throw Loss("it makes no link") }
        try compare(machine)
    }

    private func verify(
        _ disk: MemoryFileSystem,
        _ machine: Machine,
        _ outer: (any FileSystem)?
    ) throws {
        let lines = Lock<[String]>([])
        let isClean: Bool
        do throws(ServerError) {
            isClean = try Maintenance.verify(
                dataDirectory: Machine.path,
                fileSystem: outer ?? disk
            ) { line in lines.withLock { $0.append(line) } }
        } catch {
            throw Loss("verify was refused: \(error)")
        }
        let open = machine.ledger.now.openIDs
        let findings = lines.withLock { $0 }.dropLast().filter { line in
            !(allowsUntracked && open.contains { line == "untracked \($0): not in the catalog" })
        }
        guard findings.isEmpty, isClean || allowsUntracked else {
            throw Loss("verify finds: \(findings)")
        }
    }
}
