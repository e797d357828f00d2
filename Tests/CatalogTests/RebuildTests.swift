import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// `Rebuild`: a catalog from the images alone, whatever state the old files are in.
@Suite struct RebuildTests {
    private static func makeFiles() throws -> (MemoryFileSystem, CatalogSession, [UploadLink]) {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        let links = (1...2).map {
            UploadLink(id: LinkID(high: $0, low: $0), expiresAt: session.clock.now + 60)
        }
        try catalog.commit(.sample(1), .sample(2))
        try catalog.add(links[0])
        try catalog.snapshot()
        try catalog.commit(.sample(3))
        try catalog.add(links[1])
        try catalog.abandon()
        return (files, session, links)
    }

    private static func rebuild(
        _ files: MemoryFileSystem,
        _ numbers: ClosedRange<UInt64> = 1...3,
        now: Int64 = 1_714_996_800
    ) throws -> Rebuild.Summary {
        try Rebuild.run(
            path: "/data",
            fileSystem: files,
            images: numbers.lazy.map { ImageRecord.sample($0, camera: "Rebuilt") },
            now: now
        )
    }

    @Test func `an empty directory becomes a catalog of the images`() throws {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let summary = try Self.rebuild(files, 1...5000)
        #expect(summary == Rebuild.Summary(images: 5000, links: 0, losses: []))
        #expect(files.openFileCount == 0)
        let catalog = try CatalogSession(files, path: "/data").open()
        #expect(try catalog.statistics().images == 5000)
        #expect(try catalog.commit(.sample(5000), .sample(5001)) == [false, true])
        try catalog.close()
    }

    @Test func `the links of whole files are kept`() throws {
        let (files, session, links) = try Self.makeFiles()
        let summary = try Self.rebuild(files)
        #expect(summary == Rebuild.Summary(images: 3, links: 2, losses: []))
        let catalog = try session.open()
        for link in links {
            #expect(try catalog.resolve(link.id, now: session.clock.now) == .valid(link))
        }
        #expect(try catalog.image(ImageRecord.sample(1).id)?.camera == "Rebuilt")
        try catalog.close()
    }

    @Test func `links that nobody remembers are not kept`() throws {
        let (files, session, _) = try Self.makeFiles()
        let later = session.clock.now + 61 + LinkTable.remembranceSeconds
        #expect(try Self.rebuild(files, now: later).links == 0)
    }

    @Test func `any one changed byte is repaired, and what could not be read is told`() throws {
        let (files, session, _) = try Self.makeFiles()
        for name in try files.list("/data") {
            let bytes = try #require(files.content(of: "/data/\(name)"))
            for i in bytes.indices {
                let copy = files.copy()
                var damaged = bytes
                damaged[i] ^= 0xFF
                try copy.plant(damaged, at: "/data/\(name)")
                let summary = try Self.rebuild(copy)
                #expect(summary.images == 3)
                #expect(!summary.losses.isEmpty, "\(name) byte \(i)")
                let catalog = try CatalogSession(copy, path: "/data").open()
                #expect(try catalog.statistics().images == 3, "\(name) byte \(i)")
                try catalog.abandon()
            }
        }
        _ = session
    }

    @Test func `damage to the images of a snapshot costs no link`() throws {
        let (files, _, _) = try Self.makeFiles()
        var bytes = try #require(files.content(of: "/data/snapshot"))
        bytes[bytes.count - 10] ^= 1
        try files.plant(bytes, at: "/data/snapshot")
        let summary = try Self.rebuild(files)
        #expect(summary.links == 2)
        #expect(summary.losses.map(\.code) == [.damaged])
    }

    @Test func `a segment with a number from elsewhere does not stay`() throws {
        let (files, session, _) = try Self.makeFiles()
        try files.plant([1, 2, 3], at: "/data/journal-ffffffffffffffff")
        _ = try Self.rebuild(files)
        #expect(files.content(of: "/data/journal-ffffffffffffffff") == nil)
        let catalog = try session.open()
        #expect(try catalog.statistics().images == 3)
        try catalog.close()
    }

    @Test func `a crash at any operation leaves the old files or the new`() throws {
        let (files, _, _) = try Self.makeFiles()
        let whole = files.copy()
        whole.fail(nil)
        _ = try Self.rebuild(whole, 1...9)
        for number in 0..<whole.askedCount {
            for survival: MemoryFileSystem.Survival in [
                .everything, .nothing, .some(seed: UInt64(number)),
            ] {
                let copy = files.copy()
                copy.fail(.from(number))
                #expect(throws: CatalogError.self) { _ = try Self.rebuild(copy, 1...9) }
                copy.crash(survival)
                let catalog = try CatalogSession(copy, path: "/data").open()
                let count = try catalog.statistics().images
                #expect(count == 3 || count == 9, "operation \(number), \(survival)")
                try catalog.abandon()
            }
        }
    }

    @Test func `too many images are refused`() throws {
        let (files, _, _) = try Self.makeFiles()
        let images = (1...3).map { ImageRecord.sample($0) }
        let error = #expect(throws: CatalogError.self) {
            _ = try Rebuild.run(
                path: "/data",
                fileSystem: files,
                images: images,
                limits: CatalogLimits(images: 2),
                now: 0
            )
        }
        #expect(error?.code == .full)
    }
}
