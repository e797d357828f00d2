package import Bytes
package import UV

/// The embedded catalog: everything in memory, made durable by a journal and snapshots.
///
/// Reading never leaves memory. Changes go through one thread that makes them durable in groups
/// (`JournalThread`); snapshots are written by another, from a capture that shares the index's
/// memory. The lock on the index is held for one operation in memory at a time and never over input
/// or output.
package final class MemoryCatalog: Catalog {
    private enum Job: Sendable {
        case snapshot(
            Result<CatalogCapture?, CatalogError>,
            @Sendable (Result<Void, CatalogError>) -> Void
        )
    }

    private let journal: JournalThread
    private let changes: BatchThread<JournalThread.Change>
    private let jobs: BatchThread<Job>
    private let snapshots: SnapshotStore
    private let isOpen = Lock(true)
    /// What the start has cut off the journal's end, in words for the log; `nil` when nothing.
    package let tornTail: String?

    /// Opens the catalog in a directory: recovers what is there, or begins a new one.
    ///
    /// Blocks until everything is loaded. The caller holds the lock on the data directory.
    ///
    /// - Parameters:
    ///   - path: the data directory, which exists.
    ///   - fileSystem: what files are read and written with.
    ///   - limits: what the catalog takes on.
    ///   - clock: gives seconds since 1970; called from any thread.
    /// - Throws: `CatalogError` `.damaged`, whose message names file, offset and repair; `.io` or
    ///   `.noSpace` when the disk fails.
    package init(
        path: String,
        fileSystem: any FileSystem,
        limits: CatalogLimits = CatalogLimits(),
        clock: @escaping @Sendable () -> Int64
    ) throws(CatalogError) {
        let directory = CatalogDirectory(path: path, fileSystem: fileSystem)
        let recovered = try Recovery(directory, limits: limits).recover()
        tornTail = recovered.tornTail
        let snapshots = SnapshotStore(
            directory,
            sequenceNumber: recovered.snapshotSequenceNumber
        )
        let journal = JournalThread(
            recovered,
            directory: directory,
            snapshots: snapshots,
            limits: limits,
            clock: clock
        )
        self.journal = journal
        self.snapshots = snapshots
        do throws(UVError) {
            changes = try BatchThread(name: "journal", urgency: .steady) { journal.process($0) }
            jobs = try BatchThread(name: "snapshot") { jobs in
                Self.process(jobs, snapshots, directory)
            }
        } catch {
            throw .failed("starting the catalog's threads", error)
        }
    }

    // MARK: Links

    package func addLink(
        _ link: UploadLink,
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        let completion = loop.completion(completion)
        submit(.addLink(link, completion)) { completion.resolve(.failure($0)) }
    }

    package func resolveLink(
        _ id: LinkID,
        now: Int64,
        on loop: Loop,
        completion: @escaping (Result<LinkResolution, CatalogError>) -> Void
    ) {
        read(on: loop, completion) { index in
            index.forgetLinks(now: now)
            return index.links.resolve(id, now: now)
        }
    }

    // MARK: Images

    package func lookUp(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<ImageRecord?, CatalogError>) -> Void
    ) {
        read(on: loop, completion) { $0.image(id) }
    }

    package func known(
        _ ids: [BlobID],
        on loop: Loop,
        completion: @escaping (Result<Set<BlobID>, CatalogError>) -> Void
    ) {
        read(on: loop, completion) { index in Set(ids.filter { index.contains($0) }) }
    }

    /// Tells at once whether an image is known, for recovery, which has no loop to wait on.
    ///
    /// - Parameter id: the image.
    /// - Returns: whether it is.
    package func contains(_ id: BlobID) -> Bool { journal.withIndex { $0.contains(id) } }

    package func commit(
        _ images: [ImageRecord],
        on loop: Loop,
        completion: @escaping (Result<[Bool], CatalogError>) -> Void
    ) {
        let completion = loop.completion(completion)
        submit(.commit(images, completion)) { completion.resolve(.failure($0)) }
    }

    package func list(
        on loop: Loop,
        each: @escaping ([ImageRecord]) -> Void,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        let begin = { (images: Result<CatalogImages, CatalogError>) in
            switch images {
            case .success(let images): Self.giveOut(images, from: 0, on: loop, each, completion)
            case .failure(let error): completion(.failure(error))
            }
        }
        read(on: loop, begin) { CatalogImages($0) }
    }

    /// Gives one page, and enqueues the next, so that the loop does other things in between.
    private static func giveOut(
        _ images: CatalogImages,
        from page: Int,
        on loop: Loop,
        _ each: @escaping ([ImageRecord]) -> Void,
        _ completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        guard page < images.pageCount else { return completion(.success(())) }
        each(images.page(page))
        loop.enqueue { giveOut(images, from: page + 1, on: loop, each, completion) }
    }

    /// Every image that is known now, to go through on any thread.
    package var images: CatalogImages { journal.withIndex { CatalogImages($0) } }

    // MARK: Statistics

    package func statistics(
        today: Int64,
        on loop: Loop,
        completion: @escaping (Result<Statistics, CatalogError>) -> Void
    ) {
        read(on: loop, completion) { $0.statistics(today: today) }
    }

    // MARK: Snapshots and the end

    /// Writes a snapshot, if anything has changed since the last one.
    ///
    /// No request waits for it: see `CatalogCapture`.
    ///
    /// - Parameters:
    ///   - loop: where the completion is called.
    ///   - completion: told when the snapshot is durable, or why it is not; nothing is lost then.
    package func snapshot(
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        let completion = loop.completion(completion)
        submit(capture { completion.resolve($0) }) { completion.resolve(.failure($0)) }
    }

    package func probeWritable(
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        let completion = loop.completion(completion)
        submit(.probe(completion)) { completion.resolve(.failure($0)) }
    }

    package func close(
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        close(withSnapshot: true, on: loop, completion: completion)
    }

    /// Closes without the final snapshot, which costs the next start a longer replay and nothing
    /// else.
    ///
    /// For an end that has to be quick, and for tests of what a killed process leaves.
    ///
    /// - Parameters:
    ///   - loop: where the completion is called.
    ///   - completion: told when all is let go.
    package func closeWithoutSnapshot(
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        close(withSnapshot: false, on: loop, completion: completion)
    }

    private func close(
        withSnapshot: Bool,
        on loop: Loop,
        completion: @escaping (Result<Void, CatalogError>) -> Void
    ) {
        let outcome = SnapshotOutcome()
        let wasOpen = isOpen.withLock { isOpen in
            guard isOpen else { return false }
            isOpen = false
            if withSnapshot { changes.submit(capture { outcome.set($0) }) }
            changes.submit(.close)
            return true
        }
        guard wasOpen else {
            loop.enqueue { completion(.failure(Self.closed)) }
            return
        }
        snapshots.hurry()
        // In this order: the last thing that the journal's thread does is to hand over a capture.
        loop.work { [changes, jobs] in
            changes.finish()
            jobs.finish()
            return outcome.result
        } completion: {
            completion($0)
        }
    }

    /// The change that makes the journal's thread hand a capture to the snapshot thread.
    private func capture(
        _ completion: @escaping @Sendable (Result<Void, CatalogError>) -> Void
    ) -> JournalThread.Change {
        .capture { [jobs] capture in jobs.submit(.snapshot(capture, completion)) }
    }

    /// Writes the newest of the captures that have queued up, which includes what the others say.
    private static func process(
        _ jobs: [Job],
        _ snapshots: SnapshotStore,
        _ directory: CatalogDirectory
    ) {
        var newest: CatalogCapture?
        for case .snapshot(.success(let capture?), _) in jobs { newest = capture }
        var written: Result<Void, CatalogError> = .success(())
        if let newest {
            do throws(CatalogError) {
                try snapshots.write(newest)
                directory.removeSegments(through: newest.sequenceNumber)
            } catch {
                written = .failure(error)
            }
        }
        for case .snapshot(let capture, let completion) in jobs {
            switch capture {
            case .success(nil): completion(.success(()))
            case .success: completion(written)
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    /// Carries the result of the last snapshot from the thread that writes it to the one that
    /// waits.
    private final class SnapshotOutcome: Sendable {
        private let value = Lock<Result<Void, CatalogError>>(.success(()))

        var result: Result<Void, CatalogError> { value.withLock { $0 } }

        func set(_ result: Result<Void, CatalogError>) { value.withLock { $0 = result } }
    }

    // MARK: Plumbing

    private static let closed = CatalogError(.closed, "the catalog is closed")

    private func read<Value: Sendable>(
        on loop: Loop,
        _ completion: @escaping (Result<Value, CatalogError>) -> Void,
        _ body: (inout CatalogIndex) -> Value
    ) {
        guard isOpen.withLock({ $0 }) else {
            loop.enqueue { completion(.failure(Self.closed)) }
            return
        }
        let value = journal.withIndex(body)
        loop.enqueue { completion(.success(value)) }
    }

    /// Queues a change, unless the catalog is closed; under one lock, so that none comes after
    /// `close`.
    private func submit(_ change: JournalThread.Change, orElse refuse: (CatalogError) -> Void) {
        let isSubmitted = isOpen.withLock { isOpen in
            if isOpen { changes.submit(change) }
            return isOpen
        }
        if !isSubmitted { refuse(Self.closed) }
    }
}
