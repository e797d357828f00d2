import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// Stops the disk at every single operation, in every way, and looks at what a start brings back.
///
/// The rule: what was acknowledged is there; what was refused is not; what was neither may be
/// either, but as a whole.
@Suite struct CrashTests {
    /// What a run of the scenario was told.
    private struct Told {
        var acknowledged: [[ImageRecord]] = []
        var refused: [[ImageRecord]] = []
        var links: [UploadLink] = []
        var refusedLinks: [UploadLink] = []
    }

    private static func makeFiles() throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let root = try files.open("/", [.read, .directory], permissions: 0)
        try files.synchronize(root)
        files.close(root)
        return files
    }

    /// Opens a catalog and commits, adds links and takes snapshots, whatever they answer.
    private static func run(on files: MemoryFileSystem) -> Told {
        let session = CatalogSession(files, path: "/data")
        var told = Told()
        // An error of any step is what this is about: the steps after it are tried all the same.
        guard let catalog = try? session.open() else { return told }
        for step in 0..<6 as Range<UInt64> {
            let images = (0..<3).map {
                ImageRecord.sample(step * 10 + $0, camera: "Camera \(step)")
            }
            do {
                try catalog.commit(images[0], images[1], images[2])
                told.acknowledged.append(images)
            } catch {
                told.refused.append(images)
            }
            let link = UploadLink(id: LinkID(high: step, low: 1), expiresAt: 1_800_000_000)
            do {
                try catalog.add(link)
                told.links.append(link)
            } catch {
                told.refusedLinks.append(link)
            }
            if step % 2 == 1 { try? catalog.snapshot() }
            session.clock.advance(by: 1)
        }
        try? catalog.abandon()
        return told
    }

    /// Opens the catalog after a crash and compares it with what was told.
    private static func check(
        _ files: MemoryFileSystem,
        _ told: Told,
        mayHoldRefused: Bool,
        _ comment: Comment
    ) throws {
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        defer { try? catalog.abandon() }
        var expected = 0
        for images in told.acknowledged {
            for image in images { #expect(try catalog.image(image.id) == image, comment) }
            expected += images.count
        }
        for images in told.refused {
            let found = try images.filter { try catalog.image($0.id) != nil }.count
            #expect(found == 0 || mayHoldRefused && found == images.count, comment)
            expected += found
        }
        #expect(try catalog.statistics().images == UInt64(expected), comment)
        for link in told.links {
            #expect(try catalog.resolve(link.id, now: session.clock.now) == .valid(link), comment)
        }
        if !mayHoldRefused {
            for link in told.refusedLinks {
                #expect(try catalog.resolve(link.id, now: session.clock.now) == .unknown, comment)
            }
        }
        #expect(try catalog.commit(.sample(9999)) == [true], comment)
    }

    private static func operationCount() throws -> Int {
        let files = try makeFiles()
        files.fail(nil)
        let told = run(on: files)
        #expect(told.acknowledged.count == 6 && told.links.count == 6)
        return files.askedCount
    }

    @Test func `when any one operation fails, what was refused is not there`() throws {
        for number in 0..<(try Self.operationCount()) {
            let files = try Self.makeFiles()
            files.fail(.only(number))
            let told = Self.run(on: files)
            #expect(told.refused.count + told.refusedLinks.count <= 1 || told.links.isEmpty)
            for survival: MemoryFileSystem.Survival in [.everything, .nothing] {
                let copy = files.twin()
                copy.crash(survival)
                let comment: Comment = "operation \(number) failed, \(survival)"
                try Self.check(copy, told, mayHoldRefused: false, comment)
            }
        }
    }

    @Test func `when the disk fills up at any operation, it works again afterwards`() throws {
        for number in 0..<(try Self.operationCount()) {
            let files = try Self.makeFiles()
            files.fail(.only(number), with: .noSpace)
            let told = Self.run(on: files)
            files.crash(.nothing)
            try Self.check(files, told, mayHoldRefused: false, "operation \(number) had no room")
        }
    }

    @Test func `when the machine dies at any operation, what was acknowledged is there`() throws {
        for number in 0..<(try Self.operationCount()) {
            let files = try Self.makeFiles()
            files.fail(.from(number))
            let told = Self.run(on: files)
            var survivals: [MemoryFileSystem.Survival] = [.everything, .nothing]
            survivals += (0..<12).map { .some(seed: UInt64(number) * 100 + $0) }
            for survival in survivals {
                let copy = files.twin()
                copy.crash(survival)
                let comment: Comment = "died at \(number), \(survival)"
                try Self.check(copy, told, mayHoldRefused: true, comment)
            }
        }
    }
}
