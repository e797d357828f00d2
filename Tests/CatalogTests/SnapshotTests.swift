import Bytes
import TestSupport
import Testing
import UV

@testable import Catalog

/// `SnapshotWriter` and `SnapshotReader` against each other, and against files that neither made.
@Suite struct SnapshotTests {
    private static let now: Int64 = 1_714_996_800

    private static func makeDirectory() throws -> (MemoryFileSystem, CatalogDirectory) {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        return (files, CatalogDirectory(path: "/data", fileSystem: files))
    }

    private static func makeIndex(images: UInt64, links: UInt64 = 0) -> CatalogIndex {
        var index = CatalogIndex(limits: CatalogLimits())
        for number in 0..<images {
            let camera = number % 3 == 0 ? nil : "Camera \(number % 700)"
            index.add(.sample(number, kind: number % 2 == 0 ? .png : .jpeg, camera: camera))
        }
        for number in 0..<links {
            index.add(UploadLink(id: LinkID(high: number << 50, low: number), expiresAt: now + 1))
        }
        return index
    }

    private static func read(
        _ files: MemoryFileSystem,
        limits: CatalogLimits = CatalogLimits()
    ) throws -> (header: SnapshotFormat.Header, index: CatalogIndex) {
        let file = try files.open("/data/snapshot", .read, permissions: 0)
        defer { files.close(file) }
        let window = try FileWindow(file, path: "/data/snapshot", fileSystem: files)
        var reader = SnapshotReader(window)
        let header = try reader.readHeader()
        var index = CatalogIndex(limits: limits)
        try reader.readBlocks(header, into: &index)
        return (header, index)
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097])
    func `a snapshot is read as it was written`(_ count: UInt64) throws {
        let (files, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: count, links: count)
        try SnapshotWriter.write(
            CatalogCapture(index, sequenceNumber: 5, now: Self.now),
            to: directory
        )
        let read = try Self.read(files)
        #expect(read.header.sequenceNumber == 5)
        #expect(read.header.imageCount == count && read.header.linkCount == count)
        #expect(Array(CatalogImages(read.index)) == Array(CatalogImages(index)))
        #expect(read.index.statistics(today: 19_849) == index.statistics(today: 19_849))
        #expect(read.index.links.shards == index.links.shards)
        if count > 0 { #expect(read.index.image(ImageRecord.sample(0).id) != nil) }
        #expect(try files.list("/data") == ["snapshot"])
        #expect(files.openFileCount == 0)
    }

    @Test func `the steps are write, flush, rename, flush the directory`() throws {
        let (files, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 1)
        try SnapshotWriter.write(
            CatalogCapture(index, sequenceNumber: 1, now: Self.now),
            to: directory
        )
        let steps = files.operations.dropFirst().map(\.description).filter { $0 != "open /data" }
        #expect(
            steps == [
                "open /data/snapshot.tmp", "write /data/snapshot.tmp", "write /data/snapshot.tmp",
                "synchronize /data/snapshot.tmp", "rename /data/snapshot", "synchronize /data",
            ]
        )
    }

    @Test func `a large snapshot is given to the disk on the way, evenly`() throws {
        let (files, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 3 * 4096)
        let block = UInt64(SnapshotFormat.itemsByteLimit)
        // Three full blocks of images, after a small one of cameras.
        for (stretch, limit, begun, finished) in [
            (block, 0, 3, 3), (block, 3 * block, 3, 1), (block, 4 * block, 3, 0),
            (2 * block, 0, 1, 1), (4 * block, 0, 0, 0),
        ] as [(UInt64, UInt64, Int, Int)] {
            let before = files.operations.count
            let pauses = Lock(0)
            try SnapshotWriter.write(
                CatalogCapture(index, sequenceNumber: 1, now: Self.now),
                to: directory,
                pace: SnapshotPace(
                    stretchBytes: stretch,
                    writeBackBytesMax: limit,
                    pause: { pauses.withLock { $0 += 1 } }
                )
            )
            let steps = files.operations[before...]
            #expect(steps.count { $0.kind == .beginWriteBack } == begun, "every \(stretch) bytes")
            #expect(steps.count { $0.kind == .finishWriteBack } == finished, "at most \(limit)")
            #expect(pauses.withLock { $0 } == begun)
            #expect(steps.count { $0.kind == .synchronize && $0.path.hasSuffix("tmp") } == 1)
        }
    }

    @Test(arguments: [.beginWriteBack, .finishWriteBack] as [MemoryFileSystem.Operation.Kind])
    func `an error of writing back fails the snapshot before its flush`(
        _ kind: MemoryFileSystem.Operation.Kind
    ) throws {
        let (files, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 2 * 4096)
        files.fail(.kinds([kind]), with: .io)
        let before = files.operations.count
        let error = #expect(throws: CatalogError.self) {
            try SnapshotWriter.write(
                CatalogCapture(index, sequenceNumber: 1, now: Self.now),
                to: directory,
                pace: SnapshotPace(writeBackBytesMax: 0)
            )
        }
        #expect(error?.code == .io)
        #expect(!files.operations[before...].contains { $0.kind == .synchronize })
        #expect(try files.list("/data") == [])
    }

    @Test func `links that nobody remembers are left out`() throws {
        let (files, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 0, links: 3)
        let day = LinkTable.remembranceSeconds
        for (later, count) in [(day, 3), (day + 1, 3), (day + 2, 0)] as [(Int64, UInt64)] {
            let capture = CatalogCapture(index, sequenceNumber: 1, now: Self.now + later)
            try SnapshotWriter.write(capture, to: directory)
            #expect(try Self.read(files).header.linkCount == count)
        }
    }

    @Test func `a snapshot that fails leaves the one before and nothing else`() throws {
        let (files, directory) = try Self.makeDirectory()
        let old = CatalogCapture(Self.makeIndex(images: 1), sequenceNumber: 1, now: Self.now)
        try SnapshotWriter.write(old, to: directory)
        let content = files.content(of: "/data/snapshot")
        let new = CatalogCapture(Self.makeIndex(images: 3), sequenceNumber: 2, now: Self.now)
        for number in 0..<4 {
            files.fail(.only(number), with: .noSpace)
            let error = #expect(throws: CatalogError.self) {
                try SnapshotWriter.write(new, to: directory)
            }
            files.fail(nil)
            #expect(error?.code == .noSpace)
            #expect(files.content(of: "/data/snapshot") == content)
            #expect(files.content(of: "/data/snapshot.tmp") == nil, "operation \(number)")
        }
        #expect(files.openFileCount == 0)
    }

    @Test func `an older capture does not replace a newer snapshot`() throws {
        let (files, directory) = try Self.makeDirectory()
        let store = SnapshotStore(directory, sequenceNumber: 3)
        let index = Self.makeIndex(images: 1)
        try store.write(CatalogCapture(index, sequenceNumber: 3, now: Self.now))
        #expect(files.content(of: "/data/snapshot") == nil)
        try store.write(CatalogCapture(index, sequenceNumber: 4, now: Self.now))
        #expect(try Self.read(files).header.sequenceNumber == 4)
        #expect(store.durableSequenceNumber == 4)
    }

    @Test func `a snapshot pauses until somebody waits for one`() throws {
        let (_, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 3 * 4096)
        let pauses = Lock(0)
        let store = SnapshotStore(directory, sequenceNumber: 0) { pauses.withLock { $0 += 1 } }
        func pausesOfWriting(_ sequenceNumber: UInt64, isWaitedFor: Bool) throws -> Int {
            let before = pauses.withLock { $0 }
            let capture = CatalogCapture(index, sequenceNumber: sequenceNumber, now: Self.now)
            try store.write(capture, isWaitedFor: isWaitedFor)
            return pauses.withLock { $0 } - before
        }
        #expect(try pausesOfWriting(1, isWaitedFor: false) == 3)
        #expect(try pausesOfWriting(2, isWaitedFor: true) == 0)
        #expect(try pausesOfWriting(3, isWaitedFor: false) == 3)
        store.hurry()
        #expect(try pausesOfWriting(4, isWaitedFor: false) == 0)
        #expect(try pausesOfWriting(5, isWaitedFor: true) == 0)
        #expect(try pausesOfWriting(6, isWaitedFor: false) == 0)
    }

    @Test func `a snapshot that is being written hurries when the catalog closes`() throws {
        let (_, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 3 * 4096)
        let pauses = Lock(0)
        let closing = Lock<SnapshotStore?>(nil)
        let store = SnapshotStore(directory, sequenceNumber: 0) {
            pauses.withLock { $0 += 1 }
            closing.withLock { $0 }?.hurry()
        }
        closing.withLock { $0 = store }
        try store.write(CatalogCapture(index, sequenceNumber: 1, now: Self.now))
        #expect(pauses.withLock { $0 } == 1)
        closing.withLock { $0 = nil }
    }

    @Test func `with a smaller limit of cameras the others count as none`() throws {
        let (files, directory) = try Self.makeDirectory()
        let index = Self.makeIndex(images: 100)
        let capture = CatalogCapture(index, sequenceNumber: 1, now: Self.now)
        try SnapshotWriter.write(capture, to: directory)
        let read = try Self.read(files, limits: CatalogLimits(cameras: 2)).index
        #expect(read.statistics(today: 0).cameras.count == 2)
        #expect(read.images.count == 100)
    }

    private static func encode(_ image: StoredImage) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xFF, count: SnapshotFormat.imageByteCount)
        var span = bytes.mutableSpan
        SnapshotFormat.encode(image, into: &span, at: 0)
        return bytes
    }

    @Test func `an image that comes twice is damage`() throws {
        let images = Self.encode(StoredImage(.sample(1), camera: 0))
        try Self.expectDamage(images + images, count: 2, kind: .images, header: (0, 0, 2))
    }

    @Test func `a camera that is not there is damage`() throws {
        let images = Self.encode(StoredImage(.sample(1), camera: 1))
        try Self.expectDamage(images, count: 1, kind: .images, header: (0, 0, 1))
    }

    @Test(
        arguments: [[0, 0], [5, 0, 65], [1, 0, 0xFF], [1, 0, 65, 0], [1, 4, 65]] as [[UInt8]]
    )
    func `a camera name that no writer writes is damage`(_ items: [UInt8]) throws {
        try Self.expectDamage(items, count: 1, kind: .cameras, header: (0, 1, 0))
    }

    @Test func `links with another length are damage`() throws {
        let items = [UInt8](repeating: 1, count: 25)
        try Self.expectDamage(items, count: 1, kind: .links, header: (1, 0, 0))
    }

    @Test func `more or fewer items than the header tells are damage`() throws {
        let items = [UInt8](repeating: 1, count: 24)
        try Self.expectDamage(items, count: 1, kind: .links, header: (2, 0, 0))
        try Self.expectDamage(items, count: 1, kind: .links, header: (0, 0, 0))
        try Self.expectDamage(items + items, count: 2, kind: .links, header: (1, 0, 0))
    }

    @Test func `a block out of its place is damage`() throws {
        let items = [UInt8](repeating: 1, count: 24)
        try Self.expectDamage(items, count: 1, kind: .links, header: (1, 0, 0), number: 1)
        try Self.expectDamage(items, count: 1, kind: .links, header: (0, 1, 0))
    }

    /// Makes a snapshot of one block whose checksums are right, and expects that it is refused.
    private static func expectDamage(
        _ items: [UInt8],
        count: Int,
        kind: SnapshotFormat.BlockKind,
        header: (links: UInt64, cameras: UInt64, images: UInt64),
        number: UInt32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (files, _) = try makeDirectory()
        var block: [UInt8] = []
        SnapshotFormat.BlockHeader(number: number, kind: kind, count: count, length: items.count)
            .encode(into: &block)
        block += items
        block.appendLittleEndian(CRC32C.checksum(block.span))
        let fileHeader = SnapshotFormat.Header(
            sequenceNumber: 1,
            linkCount: header.links,
            cameraCount: header.cameras,
            imageCount: header.images
        )
        try files.plant(fileHeader.encode() + block, at: "/data/snapshot")
        let error = #expect(throws: CatalogError.self, sourceLocation: sourceLocation) {
            _ = try read(files)
        }
        #expect(error?.code == .damaged, sourceLocation: sourceLocation)
    }
}
