import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// Whether the catalog takes changes, as readiness asks, and how it comes back.
@Suite struct ProbeTests {
    private static func make() throws -> (MemoryFileSystem, CatalogSession) {
        let empty = MemoryFileSystem()
        try empty.makeDirectory("/data", permissions: 0o700)
        // Safe, the directory's own name included.
        let files = empty.copy()
        return (files, CatalogSession(files, path: "/data"))
    }

    private static func probe(_ catalog: MemoryCatalog) -> CatalogError.Code? {
        do {
            let _: Void = try waitFor { catalog.probeWritable(on: $0, completion: $1) }
            return nil
        } catch let error as CatalogError {
            return error.code
        } catch {
            preconditionFailure("the catalog threw something else: \(error)")
        }
    }

    @Test func `a catalog that nothing has happened to is writable, without asking the disk`()
        throws
    {
        let (files, session) = try Self.make()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(nil)
        #expect(Self.probe(catalog) == nil)
        #expect(files.askedCount == 0)
        try catalog.close()
        #expect(Self.probe(catalog) == .closed)
    }

    @Test func `a full disk is told until there is room, and nothing is lost`() throws {
        let (files, session) = try Self.make()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(.kinds([.write]), with: .noSpace)
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        #expect(Self.probe(catalog) == .noSpace)
        #expect(Self.probe(catalog) == .noSpace)
        files.fail(nil)
        #expect(Self.probe(catalog) == nil)
        try catalog.commit(.sample(3))
        try catalog.abandon()
        files.crash(.nothing)
        let again = try session.open()
        #expect(Set(again.images) == [.sample(1), .sample(3)])
        try again.close()
    }

    @Test func `a journal whose flush fails is replaced as soon as the disk takes it`() throws {
        let (files, session) = try Self.make()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(.kinds([.synchronizeData, .synchronize]))
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        #expect(Self.probe(catalog) == .io)
        files.fail(nil)
        // It tries at most once a second.
        session.clock.advance(by: 1)
        #expect(Self.probe(catalog) == nil)
        try catalog.commit(.sample(3))
        try catalog.abandon()
        files.crash(.nothing)
        let again = try session.open()
        #expect(Set(again.images) == [.sample(1), .sample(3)])
        try again.close()
    }

    @Test func `whatever fails while it probes, what was acknowledged stays`() throws {
        for number in 0..<8 {
            for survival: MemoryFileSystem.Survival in [.everything, .nothing, .some(seed: 5)] {
                let (files, session) = try Self.make()
                let catalog = try session.open()
                try catalog.commit(.sample(1))
                files.fail(.kinds([.write]))
                #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
                files.fail(.from(number))
                _ = Self.probe(catalog)
                files.fail(nil)
                session.clock.advance(by: 1)
                #expect(Self.probe(catalog) == nil)
                try catalog.commit(.sample(3))
                try catalog.abandon()
                files.crash(survival)
                let again = try session.open()
                #expect(Set(again.images) == [.sample(1), .sample(3)])
                try again.close()
            }
        }
    }

    /// The flush of a record fails, it cannot be cut off, and the process is killed: the next one
    /// reads it from the page cache, where it counts as written.
    @Test func `what a start has read stays, although an earlier flush of it had failed`() throws {
        let (files, session) = try Self.make()
        var catalog = try session.open()
        try catalog.commit(.sample(1))
        // More than a sector, so that later records do not write all of it again.
        let refused = (10..<40 as Range<UInt64>).map { ImageRecord.sample($0) }
        files.fail(.kinds([.synchronizeData, .synchronize, .truncate, .rename]))
        #expect(throws: CatalogError.self) {
            let _: [Bool] = try waitFor { catalog.commit(refused, on: $0, completion: $1) }
        }
        try catalog.abandon()
        files.crash(.everything)

        catalog = try session.open()
        let visible = Set(catalog.images)
        #expect(visible == Set(refused + [.sample(1)]))
        try catalog.commit(.sample(2))
        try catalog.abandon()
        files.crash(.nothing)

        catalog = try session.open()
        #expect(Set(catalog.images) == visible.union([.sample(2)]))
        try catalog.close()
    }
}
