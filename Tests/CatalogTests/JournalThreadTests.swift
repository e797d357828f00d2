import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// Group commit, and what a failing disk does to it.
@Suite struct JournalThreadTests {
    private static func makeSession() throws -> (MemoryFileSystem, CatalogSession) {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        return (files, CatalogSession(files, path: "/data"))
    }

    private static func count(
        _ kinds: Set<MemoryFileSystem.Operation.Kind>,
        in operations: ArraySlice<MemoryFileSystem.Operation>
    ) -> Int {
        operations.count { kinds.contains($0.kind) }
    }

    @Test func `a request is written once and flushed once, in this order`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        let before = files.operations.count
        try catalog.commit(.sample(1), .sample(2), .sample(3))
        let path = "/data/journal-0000000000000001"
        #expect(
            Array(files.operations[before...]) == [
                .init(kind: .write, path: path), .init(kind: .synchronizeData, path: path),
            ]
        )
        try catalog.close()
    }

    @Test func `requests that come during a flush share the next one`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        let loop = try Loop()
        let before = files.operations.count
        var done = 0
        // The thread is held in its first batch until all the others have queued up.
        let held = files.hold(.synchronizeData)
        for number in 0..<100 as Range<UInt64> {
            if number == 1 { held.waitUntilReached() }
            catalog.commit([.sample(number)], on: loop) { _ in done += 1 }
        }
        held.release()
        loop.run()
        #expect(done == 100)
        #expect(Self.count([.synchronizeData], in: files.operations[before...]) == 2)
        #expect(Self.count([.write], in: files.operations[before...]) == 2)
        try catalog.close()
    }

    @Test func `known images cost no write`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        let before = files.operations.count
        #expect(try catalog.commit(.sample(1), .sample(1)) == [false, false])
        #expect(files.operations.count == before)
        try catalog.close()
    }

    @Test func `completions come in the order of their calls`() throws {
        let (_, session) = try Self.makeSession()
        let catalog = try session.open(CatalogLimits(images: 3))
        let loop = try Loop()
        var order: [Int] = []
        for number in 0..<10 {
            catalog.commit([.sample(UInt64(number))], on: loop) { _ in order.append(number) }
        }
        loop.run()
        #expect(order == Array(0..<10))
        try catalog.close()
    }

    @Test func `a full disk fails the request, and works again when there is room`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        let before = files.content(of: "/data/journal-0000000000000001")
        files.limitCapacity(toBytes: (before?.count ?? 0) + 50)
        let error = #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        #expect(error?.code == .noSpace)
        #expect(try catalog.image(ImageRecord.sample(2).id) == nil)
        #expect(try catalog.statistics().images == 1)
        #expect(files.content(of: "/data/journal-0000000000000001") == before, "cut back")
        files.limitCapacity(toBytes: nil)
        #expect(try catalog.commit(.sample(2), .sample(1)) == [true, false])
        try catalog.abandon()
        let again = try session.open()
        #expect(try again.statistics().images == 2)
        try again.close()
    }

    @Test func `after a failed flush the segment is abandoned and its number burned`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(.only(1))
        let error = #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        #expect(error?.code == .io)
        files.fail(nil)
        #expect(try files.list("/data").sorted() == ["journal-0000000000000003", "snapshot"])
        #expect(try catalog.image(ImageRecord.sample(2).id) == nil)
        #expect(try catalog.commit(.sample(2)) == [true])
        try catalog.abandon()
        let again = try session.open()
        #expect(try again.statistics().images == 2)
        try again.close()
    }

    @Test func `an abandoned record that comes to light is out of date`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        let lost = JournalRecord(sequenceNumber: 2, entries: [.images([.sample(2)])]).encode()
        let old = try #require(files.content(of: "/data/journal-0000000000000001"))
        files.fail(.only(1))
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        try catalog.commit(.sample(3))
        try catalog.abandon()
        // The disk had kept the record after all, and the removal of the segment was lost.
        try files.plant(old + lost, at: "/data/journal-0000000000000001")
        let again = try session.open()
        #expect(Set(again.images.map(\.id)) == Set([1, 3].map { ImageRecord.sample($0).id }))
        try again.close()
    }

    @Test func `on a dead disk reading goes on and writing is tried once a second`() throws {
        let (files, session) = try Self.makeSession()
        let catalog = try session.open()
        try catalog.commit(.sample(1))
        files.fail(.from(0))
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        let asked = files.askedCount
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        #expect(files.askedCount == asked, "not again within the same second")
        session.clock.advance(by: 1)
        #expect(throws: CatalogError.self) { try catalog.commit(.sample(2)) }
        #expect(files.askedCount > asked)
        #expect(try catalog.image(ImageRecord.sample(1).id) != nil)
        #expect(try catalog.commit(.sample(1)) == [false], "nothing to write")
        files.fail(nil)
        session.clock.advance(by: 1)
        #expect(try catalog.commit(.sample(2)) == [true])
        try catalog.close()
    }

    @Test func `as many images as one entry holds are taken, one more is refused`() throws {
        let (_, session) = try Self.makeSession()
        let catalog = try session.open()
        let limit = UInt64(JournalFormat.imageCountLimit)
        let images = (0...limit).map { ImageRecord.sample($0) }
        let error = #expect(throws: CatalogError.self) {
            try waitFor { catalog.commit(images, on: $0, completion: $1) }
        }
        #expect(error?.code == .tooManyImages)
        let most = Array(images.dropLast())
        let isNew = try waitFor { catalog.commit(most, on: $0, completion: $1) }
        #expect(isNew.count == JournalFormat.imageCountLimit && isNew.allSatisfy(\.self))
        try catalog.abandon()
        let again = try session.open()
        #expect(Array(again.images) == most)
        try again.close()
    }

    @Test func `the limits of images and links hold`() throws {
        let (_, session) = try Self.makeSession()
        let catalog = try session.open(CatalogLimits(images: 2, links: 2))
        let now = session.clock.now
        #expect(try catalog.commit(.sample(1), .sample(2)) == [true, true])
        let error = #expect(throws: CatalogError.self) { try catalog.commit(.sample(3)) }
        #expect(error?.code == .full)
        #expect(try catalog.commit(.sample(2)) == [false])
        for _ in 0..<2 { try catalog.add(UploadLink(id: .random(), expiresAt: now)) }
        #expect(throws: CatalogError.self) {
            try catalog.add(UploadLink(id: .random(), expiresAt: now + 60))
        }
        // A link that is not remembered any more makes room.
        session.clock.advance(by: LinkTable.remembranceSeconds + 3600)
        try catalog.add(UploadLink(id: .random(), expiresAt: session.clock.now + 60))
        try catalog.close()
    }
}
