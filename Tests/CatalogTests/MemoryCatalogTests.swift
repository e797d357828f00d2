import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// What `MemoryCatalog` promises beyond the contract: snapshots that nobody waits for.
@Suite struct MemoryCatalogTests {
    private static func makeSession() throws -> (MemoryFileSystem, CatalogSession) {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        return (files, CatalogSession(files, path: "/data"))
    }

    @Test func `a snapshot replaces the journal before it`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        try catalog.commit(.sample(2))
        try catalog.snapshot()
        #expect(try files.list("/data").sorted() == ["journal-0000000000000003", "snapshot"])
        try catalog.close()
    }

    @Test func `nothing new is nothing to do`() throws {
        let (files, session) = try Self.makeSession()
        var catalog = try session.open()
        let untouched = files.operations.count
        try catalog.snapshot()
        #expect(files.operations.count == untouched)
        try catalog.commit(.sample(1))
        try catalog.snapshot()
        let before = files.operations.count
        try catalog.snapshot()
        #expect(files.operations.count == before)
        try catalog.close()
        #expect(files.operations.count == before)
        catalog = try session.open()
        let recovered = files.operations.count
        try catalog.snapshot()
        #expect(files.operations.count == recovered)
        try catalog.close()
    }

    @Test func `a snapshot that failed is tried again without a change in between`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(.kinds([.rename]))
        #expect(throws: CatalogError.self) { try catalog.snapshot() }
        files.fail(nil)
        try catalog.snapshot()
        #expect(files.content(of: "/data/snapshot") != nil)
        try catalog.close()
    }

    @Test func `closing writes a snapshot and lets go of every file`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        try catalog.close()
        #expect(files.content(of: "/data/snapshot") != nil)
        #expect(files.openFileCount == 0)
    }

    @Test func `closing reports a snapshot that failed, and nothing is lost`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(.kinds([.rename]))
        let error = #expect(throws: CatalogError.self) { try catalog.close() }
        #expect(error?.code == .io)
        #expect(files.openFileCount == 0)
        files.fail(nil)
        let again = try session.open()
        #expect(try again.statistics().images == 1)
        try again.close()
    }

    @Test func `requests are answered while a snapshot is being written`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        let loop = try Loop()
        // The snapshot's thread stands still at its rename until everything else has happened.
        let held = files.hold(.rename)
        var isWritten = false
        catalog.snapshot(on: loop) { _ in isWritten = true }
        held.waitUntilReached()
        #expect(try catalog.commit(.sample(2), .sample(1)) == [true, false])
        #expect(try catalog.image(ImageRecord.sample(2).id) != nil)
        #expect(try catalog.statistics().images == 2)
        try catalog.add(UploadLink(id: .random(), expiresAt: session.clock.now + 1))
        #expect(!isWritten)
        held.release()
        loop.run()
        #expect(isWritten)
        try catalog.abandon()
        let again = try session.open()
        #expect(try again.statistics().images == 2)
        try again.close()
    }

    @Test func `what queued up before closing is done first`() throws {
        let (_, session) = try Self.makeSession()
        let catalog = try session.open()
        let loop = try Loop()
        var answers: [Bool] = []
        for number in 0..<50 as Range<UInt64> {
            catalog.commit([.sample(number)], on: loop) { result in
                if case .success(let isNew) = result { answers += isNew }
            }
        }
        var isClosed = false
        catalog.close(on: loop) { _ in isClosed = true }
        loop.run()
        #expect(answers == [Bool](repeating: true, count: 50))
        #expect(isClosed)
        let again = try session.open()
        #expect(try again.statistics().images == 50)
        try again.close()
    }

    @Test func `two catalogs on two loops do not mix`() throws {
        let (_, first) = try Self.makeSession()
        let (_, second) = try Self.makeSession()
        let (one, two) = (try first.open(), try second.open())
        try one.commit(.sample(1))
        #expect(try two.image(ImageRecord.sample(1).id) == nil)
        try one.close()
        try two.close()
    }
}
