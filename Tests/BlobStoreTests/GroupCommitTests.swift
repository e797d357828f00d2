import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// Puts that become durable together: what they share, and what they must not take from each other.
@Suite struct GroupCommitTests {
    typealias Operation = MemoryFileSystem.Operation

    // Three requests at the same time; all of them bring the same new blob, two one more each.
    private static let shared = bytes(600, seed: 80)
    private static let requests: [[[UInt8]]] = [
        [shared, bytes(10, seed: 81)], [bytes(20, seed: 82), shared], [shared],
    ]

    /// What came of a group.
    private struct Outcome {
        /// The ids of each request's blobs.
        var ids: [[BlobID]] = []
        /// For each request, whether it succeeded; `nil` until it is known.
        var successes: [Bool?] = []
        /// What the group did on the disk.
        var operations: ArraySlice<Operation> = []

        /// The ids that were promised to somebody.
        var promised: Set<BlobID> {
            Set(zip(ids, successes).filter { $0.1 == true }.flatMap(\.0))
        }
    }

    @Test func `many files share a flush, then are linked, then each directory is flushed once`()
        throws
    {
        let disk = try TestDisk()
        let operations = try group(on: disk).operations.filter { $0.kind != .status }
        let (begun, afterBegun) = split(operations) { $0.kind == .beginWriteBack }
        let (finished, afterFinished) = split(afterBegun) { $0.kind == .finishWriteBack }
        let (flushes, afterFlush) = split(afterFinished) { $0.kind == .synchronizeFileSystem }
        let (links, directories) = split(afterFlush) { $0.kind == .link }
        #expect(begun.count == 5)
        #expect(Set(begun.map(\.path)).count == 5)
        #expect(finished.map(\.path) == begun.map(\.path))
        #expect(flushes.count == 1)
        #expect(links.count == 5)
        let ids = try disk.blobs().keys
        let expected = Set(ids.map { disk.layout.path(of: $0).dropLast(65) }).map(String.init)
        #expect(
            directories.filter { $0.kind == .synchronize }.map(\.path).sorted()
                == expected.sorted()
        )
        #expect(directories.allSatisfy { $0.kind == .synchronize || $0.kind == .open })
    }

    @Test func `what an open put claims is neither flushed nor linked again`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let first = try driver.calls.put(Self.shared)
            let count = disk.fileSystem.operations.count
            let receipt = try driver.calls.put(Self.shared)
            let operations = disk.fileSystem.operations[count...]
            #expect(!operations.contains { $0.kind == .synchronizeData || $0.kind == .link })
            // The other put's flush of the directory may not have happened, so this one flushes
            // too.
            let directory = String(disk.layout.path(of: receipt.ids[0]).dropLast(65))
            #expect(operations.contains { $0.kind == .synchronize && $0.path == directory })
            driver.files.confirm(first)
            driver.files.confirm(receipt)
        }
    }

    @Test func `one failure takes nothing from another request`() throws {
        let origin = try TestDisk()
        let kinds = try group(on: TestDisk(copying: origin)).operations.map(\.kind)
        // After the group come confirms and take-backs, which may fail as well.
        for number in 0..<kinds.count + 12 {
            let disk = TestDisk(copying: origin)
            let outcome = try group(on: disk, failing: .only(number), confirming: true)
            try expectPromisesKept(disk, outcome, "operation \(number)")
            // Where the shared flush fails, each file is flushed by itself.
            let isNeeded = number < kinds.count && kinds[number] != .synchronizeFileSystem
            #expect(outcome.successes.contains(false) == isNeeded)
        }
    }

    @Test func `a failing disk fails every request that is not durable`() throws {
        let origin = try TestDisk()
        let count = try group(on: TestDisk(copying: origin)).operations.count
        for number in 0..<count {
            let disk = TestDisk(copying: origin)
            let outcome = try group(on: disk, failing: .from(number), confirming: true)
            try expectPromisesKept(disk, outcome, "from operation \(number)")
            #expect(outcome.successes.contains(false))
        }
    }

    /// Runs the three requests as one group.
    private func group(
        on disk: TestDisk,
        failing: MemoryFileSystem.Failing? = nil,
        confirming: Bool = false
    ) throws -> Outcome {
        let nobody = BlobID(digest: bytes(32, seed: 83).span)
        let gated = GatedFileSystem(
            base: disk.fileSystem,
            gatedPath: disk.layout.path(of: nobody)
        )
        return try disk.withStore(through: gated) { driver in
            let (store, loop) = (driver.files, driver.calls.loop)
            var outcome = Outcome()
            let requests = try Self.requests.map { contents in
                try contents.map { try driver.calls.sealed($0) }
            }
            outcome.ids = try requests.map { try $0.map { try $0.seal() } }
            outcome.successes = requests.map { _ in nil }
            store.remove(nobody, on: loop) { _ in }
            gated.waitForArrival()
            for (i, request) in requests.enumerated() {
                store.put(request, on: loop) { result in
                    outcome.successes[i] = (try? result.get()) != nil
                    guard confirming, case .success(let receipt) = result else { return }
                    store.confirm(receipt)
                }
            }
            let before = disk.fileSystem.operations.count
            disk.fileSystem.fail(failing)
            gated.open()
            loop.run()
            #expect(!outcome.successes.contains(nil))
            outcome.operations = disk.fileSystem.operations[before...]
            return outcome
        }
    }

    /// Requires that what succeeded is there and whole, that of what failed nothing is left or a
    /// name in `incoming/` leads to it, and that after the next start nothing is left.
    private func expectPromisesKept(
        _ disk: TestDisk,
        _ outcome: Outcome,
        _ comment: Comment
    ) throws {
        disk.fileSystem.fail(nil)
        let promised = outcome.promised
        let found = try disk.blobs()
        #expect(!found.values.contains(false), comment)
        #expect(promised.isSubset(of: found.keys), comment)
        for id in found.keys where !promised.contains(id) {
            let status = try disk.fileSystem.status(of: disk.layout.path(of: id))
            #expect(status.linkCount > 1, comment)
        }
        try disk.withStore { driver in _ = try driver.files.recover(isKnown: promised.contains) }
        #expect(try disk.blobs().keys.sorted() == promised.sorted(), comment)
        #expect(try disk.incoming().isEmpty, comment)
        #expect(disk.fileSystem.openFileCount == 0, comment)
    }

    private func split(
        _ operations: [Operation],
        _ belongs: (Operation) -> Bool
    ) -> (first: [Operation], rest: [Operation]) {
        let end = operations.firstIndex { !belongs($0) } ?? operations.count
        return (Array(operations[..<end]), Array(operations[end...]))
    }
}
