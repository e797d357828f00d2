import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// What a start makes of the files it finds.
@Suite struct RecoveryTests {
    private static let today: Int64 = 19_849

    /// What can be told of a catalog from outside.
    private struct Content: Equatable {
        var statistics: Statistics
        var images: [ImageRecord]
        var links: [LinkResolution]
    }

    private static let links = (1...3).map {
        UploadLink(id: LinkID(high: $0, low: $0), expiresAt: 1_714_996_800 + Int64($0) * 60)
    }

    private static func content(_ files: MemoryFileSystem) throws -> Content {
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        let content = Content(
            statistics: try catalog.statistics(today: today),
            images: Array(catalog.images),
            links: try links.map { try catalog.resolve($0.id, now: session.clock.now) }
        )
        // Without `close`, which would write a snapshot: the files stay as recovery left them.
        try catalog.abandon()
        return content
    }

    /// Files with a snapshot and a journal after it, and the steps by which they came about.
    private static func makeFiles(
        withSnapshot: Bool = true
    ) throws -> (files: MemoryFileSystem, contents: [Content]) {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        var contents: [Content] = []
        func note() throws {
            let copy = files.copy()
            contents.append(try content(copy))
        }
        try catalog.commit(.sample(1, camera: "SONY - ILCE-7M2"), .sample(2, kind: .png))
        try catalog.add(links[0])
        if withSnapshot { try catalog.snapshot() }
        try note()
        try catalog.commit(.sample(3, kind: .avif, camera: "Google - Pixel 6a"))
        try note()
        try catalog.add(links[1])
        try note()
        try catalog.commit(.sample(4), .sample(5, camera: "SONY - ILCE-7M2"), .sample(1))
        try note()
        try catalog.abandon()
        return (files, contents)
    }

    private static func segmentNames(_ files: MemoryFileSystem) throws -> [String] {
        try files.list("/data").filter { $0.hasPrefix("journal-") }.sorted()
    }

    @Test func `an empty directory becomes an empty catalog`() throws {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let content = try Self.content(files)
        #expect(content.images.isEmpty && content.statistics.images == 0)
        #expect(try files.list("/data") == ["journal-0000000000000001"])
    }

    @Test func `a missing directory is an error`() throws {
        let error = #expect(throws: CatalogError.self) { _ = try Self.content(MemoryFileSystem()) }
        #expect(error?.code == .io)
        #expect(error?.cause == .notFound)
    }

    @Test(arguments: [true, false])
    func `every cut of the journal gives a state that there was`(_ hasSnapshot: Bool) throws {
        let (files, contents) = try Self.makeFiles(withSnapshot: hasSnapshot)
        let name = try #require(try Self.segmentNames(files).last)
        let bytes = try #require(files.content(of: "/data/\(name)"))
        var last = 0
        for count in (hasSnapshot ? 0 : 300)...bytes.count {
            let cut = files.copy()
            try cut.plant(Array(bytes[0..<count]), at: "/data/\(name)")
            let content = try Self.content(cut)
            let index = try #require(contents.firstIndex(of: content), "cut at \(count)")
            #expect(index >= last, "cut at \(count)")
            last = index
            // What was cut off is gone for good: the next start finds nothing to repair.
            #expect(try Self.content(cut) == content)
        }
        #expect(last == contents.count - 1)
    }

    @Test func `every changed byte is refused with its file and offset`() throws {
        let (files, contents) = try Self.makeFiles()
        let names = try files.list("/data")
        #expect(names.count == 2)
        for name in names {
            let bytes = try #require(files.content(of: "/data/\(name)"))
            for i in bytes.indices {
                for change: UInt8 in [0x01, 0xFF, bytes[i]] where change != 0 {
                    var damaged = bytes
                    damaged[i] ^= change
                    let copy = files.copy()
                    try copy.plant(damaged, at: "/data/\(name)")
                    let error = #expect(throws: CatalogError.self, "\(name) byte \(i)") {
                        _ = try Self.content(copy)
                    }
                    #expect(error?.code == .damaged)
                    let message = error?.message ?? ""
                    #expect(message.hasPrefix("/data/\(name): ") && message.contains("offset "))
                    #expect(message.contains("`image-service rebuild --data-dir /data`"))
                    #expect(copy.content(of: "/data/\(name)") == damaged, "left as it was")
                }
            }
        }
        #expect(try Self.content(files) == contents.last)
    }

    @Test func `every cut of the snapshot is refused`() throws {
        let (files, _) = try Self.makeFiles()
        let bytes = try #require(files.content(of: "/data/snapshot"))
        for count in bytes.indices {
            let copy = files.copy()
            try copy.plant(Array(bytes[0..<count]), at: "/data/snapshot")
            let error = #expect(throws: CatalogError.self) { _ = try Self.content(copy) }
            #expect(error?.code == .damaged, "cut at \(count)")
        }
        let copy = files.copy()
        try copy.plant(bytes + [0], at: "/data/snapshot")
        #expect(throws: CatalogError.self) { _ = try Self.content(copy) }
    }

    @Test func `a snapshot that was being written is removed`() throws {
        let (files, contents) = try Self.makeFiles()
        try files.plant([1, 2, 3], at: "/data/snapshot.tmp")
        #expect(try Self.content(files) == contents.last)
        #expect(files.content(of: "/data/snapshot.tmp") == nil)
    }

    @Test func `an old snapshot with a newer journal is refused`() throws {
        let (files, _) = try Self.makeFiles()
        let old = try #require(files.content(of: "/data/snapshot"))
        let session = CatalogSession(files, path: "/data")
        let catalog = try session.open()
        try catalog.snapshot()
        try catalog.commit(.sample(9))
        try catalog.abandon()
        try files.plant(old, at: "/data/snapshot")
        let error = #expect(throws: CatalogError.self) { _ = try Self.content(files) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("gap") == true)
    }

    @Test func `a missing snapshot is noticed by the gap`() throws {
        let (files, _) = try Self.makeFiles()
        try files.remove("/data/snapshot")
        let error = #expect(throws: CatalogError.self) { _ = try Self.content(files) }
        #expect(error?.code == .damaged)
    }

    @Test func `a missing journal after a snapshot is noticed`() throws {
        let (files, _) = try Self.makeFiles()
        for name in try Self.segmentNames(files) { try files.remove("/data/\(name)") }
        let error = #expect(throws: CatalogError.self) { _ = try Self.content(files) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("missing") == true)
    }

    @Test func `segments that the snapshot includes are removed unread`() throws {
        let (files, contents) = try Self.makeFiles()
        try files.plant([0xFF], at: "/data/journal-0000000000000001")
        #expect(try Self.content(files) == contents.last)
        #expect(try Self.segmentNames(files) == ["journal-0000000000000003"])
    }

    @Test func `files of others are left alone`() throws {
        let (files, contents) = try Self.makeFiles()
        let names = ["lock", "journal-1", "journal-000000000000000G", "journal-3.old"]
        for name in names { try files.plant([1], at: "/data/\(name)") }
        #expect(try Self.content(files) == contents.last)
        for name in names { #expect(files.content(of: "/data/\(name)") == [1]) }
    }

    @Test func `a symbolic link in place of a file is refused`() throws {
        let (files, _) = try Self.makeFiles()
        try files.remove("/data/snapshot")
        try files.plantSymbolicLink(at: "/data/snapshot")
        let error = #expect(throws: CatalogError.self) { _ = try Self.content(files) }
        #expect(error?.cause == .symbolicLinkLoop)
    }

    @Test func `what recovery shows is durable`() throws {
        let (files, contents) = try Self.makeFiles()
        // The last record is written but not flushed, as if the process had been killed in between.
        let name = try #require(try Self.segmentNames(files).last)
        let bytes = try #require(files.content(of: "/data/\(name)"))
        let copy = files.copy()
        try copy.plant(Array(bytes[0..<24]), at: "/data/\(name)")
        let file = try copy.open("/data/\(name)", .write, permissions: 0)
        try copy.write(file, bytes.span, at: 0)
        copy.close(file)
        #expect(try Self.content(copy) == contents.last)
        copy.crash(.nothing)
        #expect(try Self.content(copy) == contents.last)
    }
}
