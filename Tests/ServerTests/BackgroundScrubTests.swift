internal import BlobStore
internal import Bytes
internal import Catalog
internal import Logging
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct BackgroundScrubTests {
    /// A store on a disk in memory with some images, and a scrub of it.
    private final class Session {
        let files = MemoryFileSystem()
        let loop: Loop
        let metrics = ScrubMetrics()
        private(set) var ids: [BlobID] = []
        private let directory: DataDirectory
        let stores: OpenStores

        init(imageCount: Int) throws {
            loop = try Loop()
            // Older than this process: what is there was there before it.
            files.setTime(1_000)
            directory = try DataDirectory("/data", fileSystem: files)
            stores = try directory.openStores { _ in }
            for number in 0..<imageCount {
                let image = Picture.gif(sizeBytes: 300_000 + number, UInt8(number))
                ids.append(try stores.services.keep(image, firstUpload: 1_000))
            }
        }

        func path(_ id: BlobID) -> String { BlobLayout(dataDirectory: "/data").path(of: id) }

        private func makeScrub() throws -> BackgroundScrub {
            try BackgroundScrub(
                stores,
                intervalSeconds: 1,
                on: loop,
                metrics: metrics,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        /// Runs until it has come to an operation, has it stopped there, and goes on to the end.
        ///
        /// - Returns: what was asked of the files after it was stopped.
        func stopDuring(
            _ kind: MemoryFileSystem.Operation.Kind,
            of path: String
        ) throws -> [MemoryFileSystem.Operation] {
            let hold = files.hold(kind, of: path)
            let scrub = try makeScrub()
            scrub.start()
            let watch = try Timer(on: loop)
            var countBefore = 0
            watch.start(afterMilliseconds: 1, repeatMilliseconds: 1) { [files] in
                guard hold.isReached else { return }
                watch.close()
                scrub.stop()
                countBefore = files.operations.count
                hold.release()
            }
            loop.run()
            return Array(files.operations[countBefore...])
        }

        /// Runs until a whole pass has ended.
        func runOnePass() throws {
            let scrub = try makeScrub()
            scrub.start()
            let watch = try Timer(on: loop)
            watch.start(afterMilliseconds: 10, repeatMilliseconds: 10) { [metrics] in
                guard metrics.lastPassSeconds > 0 else { return }
                watch.close()
                scrub.stop()
            }
            loop.run()
        }

        func close() throws {
            try stores.catalog.close()
            stores.blobs.close()
            directory.close()
        }
    }

    @Test func `sound images are read once in a pass, and nothing is found`() throws {
        let session = try Session(imageCount: 3)
        try session.runOnePass()
        #expect(ScrubMetrics.Finding.allCases.allSatisfy { session.metrics.count($0) == 0 })
        #expect(session.metrics.imageCount == 3)
        #expect(session.metrics.byteCount == 300_000 + 300_001 + 300_002)
        try session.close()
        #expect(session.files.openFileCount == 0)
    }

    @Test func `damaged, missing and untracked images are counted, and none is touched`() throws {
        let session = try Session(imageCount: 4)
        try session.files.remove(session.path(session.ids[0]))
        var bytes = try #require(session.files.content(of: session.path(session.ids[1])))
        bytes[200_000] ^= 1
        try session.files.plant(bytes, at: session.path(session.ids[1]))
        let stray = BlobID(digest: [UInt8](repeating: 7, count: 32).span)
        try session.files.plant([1, 2, 3], at: session.path(stray))
        try session.runOnePass()
        #expect(session.metrics.count(.missing) == 1)
        #expect(session.metrics.count(.damaged) == 1)
        #expect(session.metrics.count(.untracked) == 1)
        #expect(session.files.content(of: session.path(session.ids[1])) == bytes)
        #expect(session.files.content(of: session.path(stray)) == [1, 2, 3])
        try session.close()
    }

    @Test func `a disk that cannot read counts as damage, a lack of descriptors does not`() throws {
        let session = try Session(imageCount: 2)
        session.files.fail(.kinds([.read]))
        try session.runOnePass()
        #expect(session.metrics.count(.damaged) == 2)
        session.files.fail(nil)
        try session.close()

        let other = try Session(imageCount: 2)
        other.files.fail(.kinds([.open]), with: .tooManyOpenFiles)
        try other.runOnePass()
        #expect(other.metrics.count(.damaged) == 0)
        other.files.fail(nil)
        try other.close()
    }

    @Test func `it ends with the directory that it is listing, however many there are`() throws {
        let session = try Session(imageCount: 3)
        let layout = BlobLayout(dataDirectory: "/data")
        let path = layout.directory(1)
        let rest = try session.stopDuring(.list, of: path)
        #expect(rest == [.init(kind: .list, path: path)])
        try session.close()
    }

    @Test func `it ends with the file that it is looking at, however many a directory has`()
        throws
    {
        let session = try Session(imageCount: 1)
        let strays = (0..<50 as Range<UInt8>).map { number in
            BlobID(digest: ([UInt8](repeating: 7, count: 31) + [number]).span)
        }
        for id in strays { try session.files.plant([1], at: session.path(id)) }
        for id in strays.shuffled().prefix(2) {
            let path = session.path(id)
            let rest = try session.stopDuring(.status, of: path)
            #expect(rest == [.init(kind: .status, path: path)])
        }
        #expect(session.metrics.count(.untracked) == 0)
        try session.close()
    }

    @Test func `it keeps to its schedule, and never reads faster than its limit`() {
        let limit = UInt64(BackgroundScrub.bytesPerSecondMax)
        func pause(_ weight: UInt64, of total: UInt64, after seconds: Double, _ interval: Int)
            -> UInt64
        {
            BackgroundScrub.pauseMilliseconds(
                weight,
                total,
                UInt64(seconds * 1e9),
                intervalSeconds: interval
            )
        }
        // Half of it is due at half time.
        #expect(pause(500, of: 1_000, after: 0, 100) == 50_000)
        #expect(pause(500, of: 1_000, after: 20, 100) == 30_000)
        #expect(pause(500, of: 1_000, after: 60, 100) == 1)
        // An interval that is too short for the store: the limit decides.
        #expect(pause(limit * 10, of: limit * 100, after: 0, 1) == 10_000)
        #expect(pause(limit * 10, of: limit * 100, after: 10, 1) == 1)
        #expect(pause(0, of: 0, after: 0, 1) == 1)
    }

    @Test func `a finding stays until a whole pass has not made it again`() {
        let metrics = ScrubMetrics()
        metrics.found(.damaged, 2)
        #expect(metrics.count(.damaged) == 2)
        metrics.passEnded(seconds: 1)
        #expect(metrics.count(.damaged) == 2)
        metrics.found(.damaged)
        #expect(metrics.count(.damaged) == 2)
        metrics.passEnded(seconds: 2)
        #expect(metrics.count(.damaged) == 1)
        metrics.passEnded(seconds: 3)
        #expect(metrics.count(.damaged) == 0)
    }
}
