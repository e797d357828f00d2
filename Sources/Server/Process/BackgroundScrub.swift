internal import BlobStore
internal import Bytes
internal import Catalog
internal import Logging
internal import UV

/// Reads every stored image again while the service runs, and tells of those that have changed.
///
/// It removes and changes nothing.
///
/// ```
/// names on the disk ─▶ the catalog's images, from a random page on ─▶ pass ended ─▶ (again)
///                        │  a piece ─▶ a pause ─▶ a piece ─▶ …
/// ```
/// A pass is spread over `SCRUB_INTERVAL`: what has been read is never ahead of the time that has
/// gone by, so that the disk does the same little work all the time instead of days of it at once.
/// Because a restart begins a pass anew, each begins somewhere else: a server that is restarted
/// more often than a pass takes reaches every image all the same.
///
/// Lives on the supervisor's loop, where no request is served; the reading is done by libuv's pool,
/// one piece at a time.
final class BackgroundScrub {
    /// The most that is read in a second, in bytes, when the interval asks for more.
    ///
    /// A tenth of what a single spinning disk reads in sequence, so that downloads keep the rest;
    /// a terabyte takes 18 hours.
    static let bytesPerSecondMax = 16 << 20
    /// What an image counts for besides its bytes, in bytes: finding and opening its file is work,
    /// too, and a million thumbnails are not to be opened within a second.
    static let bytesPerImage = 64 << 10
    /// How long it waits before it looks again whether there are any images, in seconds.
    static let emptySeconds = 60

    private struct Pass {
        let startNanoseconds: UInt64
        let totalWeight: UInt64
        let firstPage: Int
        let pageCount: Int
        var pagesDone = 0
        /// The page under way, and where in it.
        var page: [ImageRecord] = []
        var next = 0
        var weight: UInt64 = 0
        var imageCount = 0
    }

    /// Files that the catalog does not know: how many, and one of them.
    private struct Untracked {
        var count = 0
        var example: BlobID?
    }

    private let stores: OpenStores
    private let intervalSeconds: Int
    private let loop: Loop
    private let metrics: ScrubMetrics
    private let log: Logger
    private let timer: Timer
    private let piece: Buffer
    /// Files older than this were there before any upload of this process.
    private let startSeconds = wallClock().seconds
    private var pass: Pass?
    private var check: BlobCheck?
    private var search: UntrackedSearch?
    private var isStopped = false

    /// Prepares; nothing is read before `start`.
    ///
    /// - Parameters:
    ///   - stores: what to read.
    ///   - intervalSeconds: how long a pass takes, at least 1.
    ///   - loop: where it lives.
    ///   - metrics: told of everything.
    ///   - log: told of findings and of the end of each pass.
    /// - Throws: what making a timer answered; `ENOMEM`.
    init(
        _ stores: OpenStores,
        intervalSeconds: Int,
        on loop: Loop,
        metrics: ScrubMetrics,
        log: Logger
    ) throws(UVError) {
        precondition(intervalSeconds > 0, "an interval of 0 means no scrub at all")
        self.stores = stores
        self.intervalSeconds = intervalSeconds
        self.loop = loop
        self.metrics = metrics
        self.log = log
        guard let piece = stores.blobs.memory.buffer(capacity: BlobStoreLimits.hashPieceBytes)
        else { throw .outOfMemory }
        self.piece = piece
        timer = try Timer(on: loop)
    }

    /// Begins the first pass.
    func start() { lookForUntracked() }

    /// Ends; what is being read is read to the end of its piece, and what is being listed to the
    /// end of its directory.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        timer.close()
        search?.stop()
        check = nil
    }

    // MARK: Files that the catalog does not know

    /// Compares the names on the disk with the catalog.
    ///
    /// A catalog whose last records were cut off looks like one that never had them. The images'
    /// files are the only witnesses, so they are asked first.
    private func lookForUntracked() {
        // Younger ones belong to uploads that are being committed.
        let search = stores.blobs.untracked(writtenBefore: startSeconds) { [stores] id in
            stores.catalog.contains(id)
        }
        self.search = search
        lookOn(search, Untracked())
    }

    /// Looks through the next directory, so that the end of the process waits for none but this.
    private func lookOn(_ search: UntrackedSearch, _ before: Untracked) {
        loop.work { () -> Result<[BlobID]?, BlobStoreError> in
            do throws(BlobStoreError) {
                return .success(try search.step())
            } catch {
                return .failure(error)
            }
        } completion: { [weak self] (step: Result<[BlobID]?, BlobStoreError>) in
            guard let self, !isStopped else { return }
            var untracked = before
            switch step {
            case .failure(let error):
                log.error("scrub: \(error)")
            case .success(nil):
                self.search = nil
                report(untracked)
                beginPass()
                return
            case .success(let found?):
                untracked.count += found.count
                untracked.example = untracked.example ?? found.first
                metrics.found(.untracked, found.count)
            }
            lookOn(search, untracked)
        }
    }

    private func report(_ untracked: Untracked) {
        guard let example = untracked.example else { return }
        log.error(
            """
            scrub: \(untracked.count) files are images that the catalog does not know, \
            \(example) for one; if its files were cut short or replaced, `image-service rebuild` \
            takes them in
            """
        )
    }

    // MARK: A pass over the catalog's images

    private func beginPass() {
        let today = ImageRecord.day(of: wallClock().seconds)
        stores.catalog.statistics(today: today, on: loop) { [weak self] result in
            guard let self, !isStopped else { return }
            let images = stores.catalog.images
            guard case .success(let statistics) = result, images.count > 0 else {
                wait(seconds: min(intervalSeconds, Self.emptySeconds)) { $0.lookForUntracked() }
                return
            }
            pass = Pass(
                startNanoseconds: monotonicNanoseconds(),
                totalWeight: statistics.bytes &+ statistics.images &* UInt64(Self.bytesPerImage),
                firstPage: Int.random(in: 0..<images.pageCount),
                pageCount: images.pageCount
            )
            readOn()
        }
    }

    /// Reads the next piece, after the pause that it has to wait for.
    private func readOn() {
        guard var pass else { return }
        if check == nil {
            guard let id = nextImage(&pass) else { return endPass(pass) }
            check = stores.blobs.check(id)
            pass.weight += UInt64(Self.bytesPerImage)
        }
        self.pass = pass
        wait(
            milliseconds: Self.pauseMilliseconds(
                pass.weight,
                pass.totalWeight,
                elapsed(pass),
                intervalSeconds: intervalSeconds
            )
        ) { $0.readPiece() }
    }

    private func nextImage(_ pass: inout Pass) -> BlobID? {
        while pass.next == pass.page.count {
            guard pass.pagesDone < pass.pageCount else { return nil }
            // Anew each time: holding all pages of a pass would keep what they share from growing.
            let number = (pass.firstPage + pass.pagesDone) % pass.pageCount
            pass.page = stores.catalog.images.page(number)
            pass.pagesDone += 1
            pass.next = 0
        }
        defer { pass.next += 1 }
        return pass.page[pass.next].id
    }

    private func readPiece() {
        guard let check else { return }
        loop.work { [piece] in
            check.step(piece)
        } completion: { [weak self] (step: (outcome: BlobCheck.Outcome, byteCount: Int)) in
            guard let self, !isStopped else { return }
            metrics.read(step.byteCount)
            pass?.weight += UInt64(step.byteCount)
            report(step.outcome, check.id)
            readOn()
        }
    }

    private func report(_ outcome: BlobCheck.Outcome, _ id: BlobID) {
        switch outcome {
        case .unfinished: return
        case .whole: break
        case .missing:
            metrics.found(.missing)
            log.error("scrub: image \(id) is missing: the catalog has it, no file does")
        case .damaged(let damage):
            metrics.found(.damaged)
            log.error("scrub: image \(id) is damaged: \(Maintenance.describe(damage))")
        case .postponed(let error):
            log.warning("scrub: image \(id) is left for the next pass: \(error)")
        }
        metrics.checked()
        pass?.imageCount += 1
        check = nil
    }

    private func endPass(_ pass: Pass) {
        self.pass = nil
        metrics.passEnded(seconds: wallClock().seconds)
        let found = ScrubMetrics.Finding.allCases
            .map { "\(metrics.count($0)) \($0.rawValue)" }
            .joined(separator: ", ")
        log.info("scrub: \(pass.imageCount) images read again: \(found)")
        let rest = UInt64(intervalSeconds) * 1_000
        let gone = elapsed(pass) / 1_000_000
        wait(milliseconds: rest > gone ? rest - gone : 1) { $0.lookForUntracked() }
    }

    // MARK: Time

    /// How long to wait so that neither the interval nor the disk is got ahead of.
    ///
    /// - Parameters:
    ///   - weight: what has been read, in bytes.
    ///   - totalWeight: what there is to read.
    ///   - elapsedNanoseconds: since the beginning of the pass.
    ///   - intervalSeconds: how long a pass is to take.
    /// - Returns: milliseconds, at least one, so that the loop does other things in between.
    static func pauseMilliseconds(
        _ weight: UInt64,
        _ totalWeight: UInt64,
        _ elapsedNanoseconds: UInt64,
        intervalSeconds: Int
    ) -> UInt64 {
        let share = min(1, Double(weight) / Double(max(1, totalWeight)))
        let bySchedule = share * Double(intervalSeconds) * 1_000
        let byDisk = Double(weight) / Double(bytesPerSecondMax) * 1_000
        let due = max(bySchedule, byDisk) - Double(elapsedNanoseconds) / 1_000_000
        return due > 1 ? UInt64(due) : 1
    }

    private func elapsed(_ pass: Pass) -> UInt64 {
        monotonicNanoseconds() - pass.startNanoseconds
    }

    private func wait(seconds: Int, then body: @escaping (BackgroundScrub) -> Void) {
        wait(milliseconds: UInt64(seconds) * 1_000, then: body)
    }

    private func wait(milliseconds: UInt64, then body: @escaping (BackgroundScrub) -> Void) {
        timer.start(afterMilliseconds: milliseconds) { [weak self] in
            if let self { body(self) }
        }
    }
}
