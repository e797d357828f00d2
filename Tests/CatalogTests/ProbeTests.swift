import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// A disk that takes every write, and tells only when it is flushed that it has no room.
///
/// Delayed allocation with a quota is like that, and NFS. What is cut off before the flush never
/// needed any room.
private final class LateDisk: ForwardingFileSystem {
    private struct State: Sendable {
        var isFull = false
        /// Where what is not flushed yet ends.
        var unflushedEnds: [FileDescriptor: UInt64] = [:]
    }

    let base: any FileSystem
    private let state = Lock(State())

    init(_ base: any FileSystem) { self.base = base }

    var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    func write(
        _ file: FileDescriptor,
        _ bytes: Span<UInt8>,
        at offset: UInt64
    ) throws(UVError) {
        try base.write(file, bytes, at: offset)
        let end = offset + UInt64(bytes.count)
        state.withLock { $0.unflushedEnds[file] = max($0.unflushedEnds[file] ?? 0, end) }
    }

    func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError) {
        try base.truncate(file, to: sizeBytes)
        state.withLock { state in
            if let end = state.unflushedEnds[file], end > sizeBytes {
                state.unflushedEnds[file] = nil
            }
        }
    }

    func synchronize(_ file: FileDescriptor) throws(UVError) {
        try requireRoom(file)
        try base.synchronize(file)
    }

    func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        try requireRoom(file)
        try base.synchronizeData(file)
    }

    /// As Linux does, it tells once.
    private func requireRoom(_ file: FileDescriptor) throws(UVError) {
        let isShort = state.withLock { state in
            state.unflushedEnds.removeValue(forKey: file) != nil && state.isFull
        }
        if isShort { throw .noSpace }
    }
}

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
        session.clock.advance(by: 1)
        #expect(Self.probe(catalog) == nil)
        try catalog.commit(.sample(3))
        try catalog.abandon()
        files.crash(.nothing)
        let again = try session.open()
        #expect(Set(again.images) == [.sample(1), .sample(3)])
        try again.close()
    }

    @Test func `a disk that fails is asked once a second, however often readiness is`() throws {
        let (files, session) = try Self.make()
        let catalog = try session.open()
        files.fail(.kinds([.write]))
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(1)) }
        for step: Int64 in [1, 1, -5] {
            session.clock.advance(by: step)
            files.fail(.kinds([.write]))
            #expect(Self.probe(catalog) == .io)
            #expect(files.askedCount > 0)
            files.fail(nil)
            for _ in 0..<10 { #expect(Self.probe(catalog) == .io) }
            #expect(files.askedCount == 0)
        }
        session.clock.advance(by: 1)
        #expect(Self.probe(catalog) == nil)
        try catalog.close()
    }

    @Test func `a disk that finds out only at a flush that it is full is not taken for well`()
        throws
    {
        let (files, session) = try Self.make()
        let disk = LateDisk(files)
        let late = CatalogSession(disk, path: session.path)
        let catalog = try late.open()
        try catalog.commit(.sample(1))
        // The last record could not be written, so that the disk has to be asked.
        files.fail(.kinds([.write]), with: .noSpace)
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        files.fail(nil)
        disk.isFull = true
        #expect(Self.probe(catalog) == .noSpace)
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(3)) }
        late.clock.advance(by: 1)
        #expect(Self.probe(catalog) == .noSpace)
        disk.isFull = false
        late.clock.advance(by: 1)
        #expect(Self.probe(catalog) == nil)
        try catalog.commit(.sample(4))
        try catalog.abandon()
        files.crash(.nothing)
        let again = try session.open()
        #expect(Set(again.images) == [.sample(1), .sample(4)])
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
        for number in 0..<12 {
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
