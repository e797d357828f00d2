import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// Files of a catalog that nobody has open, and that somebody or something changes.
///
/// The rule: what is recovered is all there was, or the start is refused with file, offset and the
/// command that repairs. Other figures than before, without a word, are what must never be.
@Suite struct DamageAtRestTests {
    /// A small catalog, its files, and what it says.
    private struct Sample {
        let files: MemoryFileSystem
        let names: [String]
        let said: Said
    }

    /// Everything that a catalog can be asked.
    private struct Said: Equatable {
        var tornTail: String?
        var images: Set<ImageRecord>
        var statistics: Statistics
        var links: [LinkResolution]
    }

    private static let linkIDs = (1...4).map { LinkID(high: UInt64($0), low: 9) }

    private static func makeFiles() throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        return files
    }

    /// A catalog with a snapshot and a journal after it, ended by a signal.
    private static func makeSample() throws -> Sample {
        let files = try makeFiles()
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        for number in 0..<4 as Range<UInt64> {
            try catalog.commit(.sample(number, camera: "Camera \(number % 2)"))
            let id = linkIDs[Int(number)]
            try catalog.add(UploadLink(id: id, expiresAt: session.clock.now + 600))
            if number == 1 { try catalog.snapshot() }
        }
        let said = try say(catalog, session)
        try catalog.abandon()
        return Sample(files: files, names: try files.list("/data").sorted(), said: said)
    }

    private static func say(_ catalog: MemoryCatalog, _ session: CatalogSession) throws -> Said {
        Said(
            tornTail: catalog.tornTail,
            images: Set(catalog.images),
            statistics: try catalog.statistics(),
            links: try linkIDs.map { try catalog.resolve($0, now: session.clock.now) }
        )
    }

    /// Opens a catalog whose files were changed; gives what it says, or `nil` when it is refused as
    /// it should be.
    private static func reopen(_ files: MemoryFileSystem, _ comment: Comment) throws -> Said? {
        let session = CatalogSession(files, path: "/data")
        do {
            let catalog = try session.open()
            defer { try? catalog.abandon() }
            return try say(catalog, session)
        } catch let error as CatalogError {
            #expect(error.code == .damaged, comment)
            #expect(error.message.contains("/data/"), comment)
            #expect(error.message.contains("offset"), comment)
            #expect(error.message.contains("image-service rebuild --data-dir /data"), comment)
            #expect(files.openFileCount == 0, comment)
            return nil
        }
    }

    /// For programs that add up what was tried.
    private static func tell(tried: Int) { print("damage at rest: bad inputs tried=\(tried)") }

    @Test(arguments: [0x01, 0xFF] as [UInt8])
    func `a changed byte of any file is noticed`(mask: UInt8) throws {
        let sample = try Self.makeSample()
        #expect(sample.names.count == 2)
        var tried = 0
        for name in sample.names {
            let content = try #require(sample.files.content(of: "/data/\(name)"))
            for i in content.indices {
                let files = sample.files.copy()
                var changed = content
                changed[i] ^= mask
                try files.plant(changed, at: "/data/\(name)")
                let comment: Comment = "byte \(i) of \(name)"
                if let said = try Self.reopen(files, comment) { #expect(said == sample.said) }
                tried += 1
            }
        }
        Self.tell(tried: tried)
    }

    @Test func `a snapshot that was cut short anywhere is refused`() throws {
        let sample = try Self.makeSample()
        let content = try #require(sample.files.content(of: "/data/snapshot"))
        for count in content.indices {
            let files = sample.files.copy()
            try files.plant(Array(content.prefix(count)), at: "/data/snapshot")
            #expect(try Self.reopen(files, "cut at \(count)") == nil)
        }
        Self.tell(tried: content.count)
    }

    /// The one change that no checksum can tell from a crash; `DiskFormat.md` says so, and the
    /// images' own files are witnesses against it, which `verify` and the scrub ask.
    @Test func `a last segment that was cut short has whole records, the first ones`() throws {
        let sample = try Self.makeSample()
        let name = try #require(sample.names.first { $0.hasPrefix("journal-") })
        let content = try #require(sample.files.content(of: "/data/\(name)"))
        var tornCount = 0
        for count in content.indices {
            let files = sample.files.copy()
            try files.plant(Array(content.prefix(count)), at: "/data/\(name)")
            let said = try #require(try Self.reopen(files, "cut at \(count)"))
            #expect(said.images.isSubset(of: sample.said.images))
            #expect(said.statistics.images == UInt64(said.images.count))
            #expect((2...4).contains(said.images.count))
            // Not in silence, unless the cut is where a record ends or nothing is left of a header.
            guard let tornTail = said.tornTail else { continue }
            #expect(tornTail.hasPrefix("/data/\(name): cut off "))
            #expect(tornTail.contains("at offset ") && tornTail.contains("verify"))
            tornCount += 1
        }
        // The empty file and the ends of the header and of three of the four records.
        #expect(tornCount == content.count - 5)
        Self.tell(tried: content.count)
    }

    @Test func `a segment before the last that was cut short anywhere is refused`() throws {
        let sample = try Self.makeSample()
        let name = try #require(sample.names.first { $0.hasPrefix("journal-") })
        let content = try #require(sample.files.content(of: "/data/\(name)"))
        // Another segment follows it, as between the first and the last step of a snapshot.
        let end = try #require(JournalFormat.first(ofSegmentNamed: name)) + 4
        let next = JournalFormat.name(first: end)
        try sample.files.plant(JournalFormat.encodeHeader(first: end), at: "/data/\(next)")
        #expect(try Self.reopen(sample.files.copy(), "both whole") == sample.said)
        for count in content.indices {
            let files = sample.files.copy()
            try files.plant(Array(content.prefix(count)), at: "/data/\(name)")
            #expect(try Self.reopen(files, "cut at \(count)") == nil)
        }
        Self.tell(tried: content.count)
    }

    @Test func `files that were swapped are refused`() throws {
        let sample = try Self.makeSample()
        let (journal, snapshot) = (sample.names[0], sample.names[1])
        let files = sample.files.copy()
        let journalBytes = try #require(files.content(of: "/data/\(journal)"))
        let snapshotBytes = try #require(files.content(of: "/data/\(snapshot)"))
        try files.plant(journalBytes, at: "/data/\(snapshot)")
        try files.plant(snapshotBytes, at: "/data/\(journal)")
        #expect(try Self.reopen(files, "snapshot and journal swapped") == nil)
        // One of them in place of the other, which is whole.
        for (bytes, name) in [(journalBytes, snapshot), (snapshotBytes, journal)] {
            let files = sample.files.copy()
            try files.plant(bytes, at: "/data/\(name)")
            #expect(try Self.reopen(files, "the other file as \(name)") == nil)
        }
    }

    @Test func `a segment under another's name is refused`() throws {
        let sample = try Self.makeSample()
        let name = sample.names[0]
        let content = try #require(sample.files.content(of: "/data/\(name)"))
        let first = try #require(JournalFormat.first(ofSegmentNamed: name))
        for other in [first + 1, first + 4, first + 100] {
            let files = sample.files.copy()
            try files.remove("/data/\(name)")
            try files.plant(content, at: "/data/\(JournalFormat.name(first: other))")
            #expect(try Self.reopen(files, "as \(other)") == nil)
        }
    }

    /// A backup that was taken file by file over time, or put back in part.
    @Test func `an old snapshot with a new journal is refused`() throws {
        let old = try Self.makeSample()
        let files = old.files.copy()
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        try catalog.snapshot()
        try catalog.commit(.sample(77))
        let said = try Self.say(catalog, session)
        try catalog.abandon()
        #expect(try Self.reopen(files.copy(), "untouched") == said)
        let snapshot = try #require(old.files.content(of: "/data/snapshot"))
        try files.plant(snapshot, at: "/data/snapshot")
        #expect(try Self.reopen(files, "the old snapshot") == nil)
        try files.remove("/data/snapshot")
        #expect(try Self.reopen(files, "no snapshot") == nil)
    }

    @Test func `a journal that is missing, or older than the snapshot, is refused`() throws {
        let old = try Self.makeSample()
        let files = old.files.copy()
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        try catalog.commit(.sample(77))
        try catalog.snapshot()
        try catalog.commit(.sample(78))
        try catalog.abandon()
        let name = try #require(try files.list("/data").first { $0.hasPrefix("journal-") })
        try files.remove("/data/\(name)")
        #expect(try Self.reopen(files.copy(), "no journal") == nil)
    }
}
