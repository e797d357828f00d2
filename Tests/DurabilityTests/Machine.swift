@testable internal import BlobStore
internal import Bytes
internal import Catalog
@testable internal import Server
internal import TestSupport
internal import UV

/// The service's storage on a disk in memory, used by the means and in the order that the server
/// uses it (`UploadCommit`), and the ledger of its clients.
final class Machine {
    static let path = "/data"
    /// When links expire, in seconds since 1970: a rebuild goes by the real time.
    private static let farSeconds: Int64 = 4_000_000_000
    /// More than the operations that fail one after the other in any history.
    private static let startAttempts = 60

    let disk: MemoryFileSystem
    /// What the stores see: the disk, or something between that has a bug.
    private let fileSystem: any FileSystem
    let clock: ManualClock
    let ledger: LedgerBook
    private let loop: Loop
    private var directory: DataDirectory?
    private(set) var stores: OpenStores?
    /// Uploads that wait for bytes that never come.
    private var unfinished: [IncomingBlob] = []

    init(
        _ disk: MemoryFileSystem,
        through fileSystem: (any FileSystem)? = nil,
        ledger: Ledger = Ledger()
    ) throws {
        self.disk = disk
        self.fileSystem = fileSystem ?? disk
        self.ledger = LedgerBook(ledger)
        clock = ManualClock(Sent.seconds)
        loop = try Loop()
        disk.setTime(Sent.seconds)
    }

    // MARK: Start and end

    /// Starts, again and again while the disk fails; a disk that fails must not be taken for
    /// damage.
    func start() throws {
        var attempt = 0
        while stores == nil {
            // By then whatever failed has been seen to.
            if attempt == Self.startAttempts { disk.fail(nil) }
            do throws(ServerError) {
                try open()
            } catch {
                if error.code == .damaged { throw Loss("the start was refused: \(error)") }
                if attempt > Self.startAttempts { throw Loss("it does not start: \(error)") }
            }
            attempt += 1
        }
        unfinished = []
        try reconcile()
    }

    private func open() throws(ServerError) {
        let directory = try DataDirectory(Self.path, fileSystem: fileSystem)
        do throws(ServerError) {
            stores = try directory.openStores(clock: { [clock] in clock.now }) { _ in }
            self.directory = directory
        } catch {
            directory.close()
            throw error
        }
    }

    /// Ends as after SIGTERM, or, as far as the files can tell, as after SIGKILL.
    func stop(isOrderly: Bool) {
        guard let stores = stores.take() else { return }
        if isOrderly {
            for blob in unfinished { blob.discard() }
        }
        // That the last snapshot fails is for the next start to cope with.
        if isOrderly {
            stores.catalog.close(on: loop) { _ in }
        } else {
            stores.catalog.closeWithoutSnapshot(on: loop) { _ in }
        }
        loop.run()
        stores.blobs.close()
        directory.take()?.close()
        // A killed process removes nothing any more: those that are not discarded are let go only
        // when the next start has found what they left.
        if isOrderly { unfinished = [] }
    }

    /// Ends the threads of a service that something was wrong with.
    deinit { stop(isOrderly: false) }

    /// Compares what a start has brought back with the ledger, and takes it over.
    private func reconcile() throws {
        let visible = visibleIDs
        try ledger.change { ledger in
            for id in ledger.kept.keys where !visible.contains(id) {
                throw Loss("\(id) was acknowledged, and the catalog does not know it")
            }
            for id in visible where ledger.sent[id] == nil {
                throw Loss("the catalog knows \(id), which nobody sent")
            }
            for request in ledger.open {
                let seen = request.filter { visible.contains($0) }
                let half = seen.filter { id in
                    // Unless another request brought it.
                    seen.count < request.count && ledger.kept[id] == nil
                        && !ledger.open.contains { other in
                            other.contains(id) && other.allSatisfy { visible.contains($0) }
                        }
                }
                if !half.isEmpty { throw Loss("of a request only \(half) can be seen") }
            }
            ledger.recovered(visible)
        }
    }

    var visibleIDs: Set<BlobID> { Set(stores?.catalog.images.map(\.id) ?? []) }

    // MARK: Requests

    /// Sends requests at the same time; each is answered when this returns.
    ///
    /// - Parameters:
    ///   - requests: the numbers of their images.
    ///   - grouped: whether all of them are to share one commit.
    /// - Returns: how many were answered with success.
    @discardableResult
    func upload(_ requests: [[UInt64]], grouped: Bool = false) -> Int {
        guard let stores else { return 0 }
        var successCount = 0
        var waitingCount = requests.count
        // Keeps the commit thread until all requests have queued up behind it.
        let nobody = Sent(.max).id
        let hold = grouped ? disk.hold(.remove, of: stores.blobs.layout.path(of: nobody)) : nil
        if grouped { stores.blobs.remove(nobody, on: loop) { _ in } }
        for request in requests {
            let images = request.map { Sent($0) }
            ledger.change { $0.begin(images) }
            let upload = Upload(images, stores, loop) {
                waitingCount -= 1
                if waitingCount == 0 { hold?.release() }
            } answered: { [ledger] isKept in
                guard isKept else { return }
                successCount += 1
                ledger.change { $0.acknowledge(images) }
            }
            upload.start()
        }
        loop.run()
        settle()
        return successCount
    }

    /// Waits for what the store does in the background.
    func settle() {
        guard let blobs = stores?.blobs else { return }
        for _ in 0..<2 {
            blobs.put([], on: loop) { result in
                // A put of nothing needs no disk.
                if case .success(let receipt) = result { blobs.confirm(receipt) }
            }
            loop.run()
        }
    }

    func addLink(_ number: UInt64) -> Bool {
        guard let stores else { return false }
        let link = UploadLink(id: LinkID(high: number, low: 1), expiresAt: Self.farSeconds)
        var isKept = false
        stores.catalog.addLink(link, on: loop) { result in
            if case .success = result { isKept = true }
        }
        loop.run()
        if isKept { ledger.change { $0.acknowledge(link) } }
        return isKept
    }

    func snapshot() {
        stores?.catalog.snapshot(on: loop) { _ in }
        loop.run()
    }

    func leaveUnfinished(_ number: UInt64, isDiscarded: Bool) {
        guard let blob = stores?.blobs.makeIncoming() else { return }
        let bytes = Sent(number).bytes
        // That it fails is one more way to be unfinished.
        try? blob.append(bytes.span)
        if isDiscarded { blob.discard() } else { unfinished.append(blob) }
    }

    /// Makes the catalog anew; the process is stopped.
    func rebuild() {
        // A disk that fails leaves the old files or the new: the next start tells.
        try? Maintenance.rebuild(dataDirectory: Self.path, fileSystem: fileSystem) { _ in }
        ledger.change { $0.forgetRequests() }
    }

    /// What readiness rests on.
    var isReady: Bool {
        guard let stores else { return false }
        var answers: [Bool] = []
        stores.blobs.probeWritable(on: loop) { answers.append((try? $0.get()) != nil) }
        stores.catalog.probeWritable(on: loop) { answers.append((try? $0.get()) != nil) }
        loop.run()
        return answers == [true, true]
    }

    // MARK: Looking

    /// Reads an image as a `GET` does.
    func content(_ id: BlobID) -> [UInt8]? {
        guard let stores else { return nil }
        var content: [UInt8]?
        stores.blobs.open(id, prefetch: 0..<UInt64.max, on: loop) { result in
            // Whatever the reason, the image is not to be had.
            guard let blob = try? result.get() else { return }
            content = blob.prefetched.span.copy(0..<blob.prefetchedCount)
            blob.close()
        }
        loop.run()
        return content
    }

    func record(_ id: BlobID) -> ImageRecord? {
        var record: ImageRecord?
        stores?.catalog.lookUp(id, on: loop) { record = (try? $0.get()) ?? nil }
        loop.run()
        return record
    }

    func resolution(_ link: UploadLink) -> LinkResolution? {
        var resolution: LinkResolution?
        stores?.catalog.resolveLink(link.id, now: clock.now, on: loop) {
            resolution = try? $0.get()
        }
        loop.run()
        return resolution
    }

    func statistics() -> Statistics? {
        var statistics: Statistics?
        let today = ImageRecord.day(of: Sent.seconds)
        stores?.catalog.statistics(today: today, on: loop) { statistics = try? $0.get() }
        loop.run()
        return statistics
    }
}
