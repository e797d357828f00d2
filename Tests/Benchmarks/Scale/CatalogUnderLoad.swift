internal import Bytes
internal import Catalog
internal import TestSupport
internal import UV

/// An open catalog with the operations that are to be measured.
final class CatalogUnderLoad {
    /// How many images it had when it was opened.
    let imageCount: Int
    /// What opening it took.
    let startSeconds: Double
    /// How much memory the process has more than before.
    let residentBytes: Int

    private let loop: Loop
    private let catalog: MemoryCatalog
    private let files = UnflushedFileSystem()
    private let link: UploadLink
    private let now: Int64
    /// The images that are there already.
    private let known: MadeUpImages
    /// Images that are not there yet, and how many of them have been used up.
    private let fresh: MadeUpImages
    private var freshCount = 0
    private var random = SeededRandom(seed: 3)

    /// Opens a catalog.
    ///
    /// - Parameters:
    ///   - path: its directory, made by `fill`.
    ///   - seed: the seed it was made with.
    /// - Throws: what opening it answers.
    init(path: String, seed: UInt64) throws {
        let now = wallClock().seconds
        self.now = now
        loop = try Loop()
        let before = try ProcessFigures.residentBytes()
        let began = monotonicNanoseconds()
        catalog = try MemoryCatalog(path: path, fileSystem: files, clock: { wallClock().seconds })
        startSeconds = Double(monotonicNanoseconds() - began) / 1e9
        residentBytes = try ProcessFigures.residentBytes() - before
        imageCount = catalog.images.count
        known = MadeUpImages(seed: seed, count: imageCount, now: now)
        // Other images in every run, because those of the last one are in the catalog by now.
        fresh = MadeUpImages(seed: .random(in: .min ... .max), count: .max, now: now)
        let linkID = LinkID(high: .random(in: .min ... .max), low: 1)
        link = UploadLink(id: linkID, expiresAt: now + 600)
        var outcome: Result<Void, CatalogError>?
        catalog.addLink(link, on: loop) { outcome = $0 }
        loop.run()
        try outcome?.get()
    }

    /// Whether the journal's flushes reach the disk.
    var flushes: Bool {
        get { files.flushes }
        set { files.flushes = newValue }
    }

    /// Asks for the statistics.
    ///
    /// - Parameter count: how often, one after the other.
    /// - Returns: the time of each, in nanoseconds.
    func statistics(_ count: Int) -> [Double] {
        let today = ImageRecord.day(of: now)
        return OperationChain.run(count, on: loop) { [self] _, completion in
            catalog.statistics(today: today, on: loop) { _ in completion() }
        }
    }

    /// Looks up random images that are known.
    ///
    /// - Parameter count: how often, one after the other.
    /// - Returns: the time of each, in nanoseconds.
    func lookUps(_ count: Int) -> [Double] {
        OperationChain.run(count, on: loop) { [self] _, completion in lookUpOne(completion) }
    }

    /// Does the catalog's part of uploads of one new image each: link, known, commit.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - width: how many at a time.
    /// - Returns: the time of each, in nanoseconds.
    func uploads(_ count: Int, atOnce width: Int) -> [Double] {
        let images = takeFresh(count)
        return OperationChain.run(count, atOnce: width, on: loop) { [self] number, completion in
            upload(images[number], completion)
        }
    }

    /// Writes a snapshot while other operations run.
    ///
    /// - Parameter operation: what runs, one after the other, until the snapshot is durable.
    /// - Returns: the time of each operation in nanoseconds, and that of the snapshot in seconds.
    func whileSnapshotting(
        _ operation: @escaping OperationChain.Operation
    ) -> (times: [Double], seconds: Double) {
        // Without a change there would be nothing to write.
        _ = uploads(1, atOnce: 1)
        let began = monotonicNanoseconds()
        var seconds: Double?
        catalog.snapshot(on: loop) { _ in
            seconds = Double(monotonicNanoseconds() - began) / 1e9
        }
        let times = OperationChain.run(while: { _ in seconds == nil }, on: loop, operation)
        return (times, seconds ?? 0)
    }

    /// Looks up one random image that is known.
    ///
    /// - Parameter completion: told when it is found.
    func lookUpOne(_ completion: @escaping () -> Void) {
        catalog.lookUp(randomID(), on: loop) { _ in completion() }
    }

    /// Does the catalog's part of one upload.
    ///
    /// - Parameter completion: told when it is durable.
    func uploadOne(_ completion: @escaping () -> Void) {
        upload(takeFresh(1)[0], completion)
    }

    /// Lets go of it, without a snapshot.
    func close() {
        catalog.closeWithoutSnapshot(on: loop) { _ in }
        loop.run()
    }

    private func upload(_ image: ImageRecord, _ completion: @escaping () -> Void) {
        catalog.resolveLink(link.id, now: now, on: loop) { [self] _ in
            catalog.known([image.id], on: loop) { [self] _ in
                catalog.commit([image], on: loop) { result in
                    guard case .success([true]) = result else {
                        preconditionFailure("a new image was not added: \(result)")
                    }
                    completion()
                }
            }
        }
    }

    private func randomID() -> BlobID {
        known.id(Int.random(in: 0..<max(1, imageCount), using: &random))
    }

    private func takeFresh(_ count: Int) -> [ImageRecord] {
        defer { freshCount += count }
        return (freshCount..<freshCount + count).map { fresh.record($0) }
    }
}
