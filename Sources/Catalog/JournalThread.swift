internal import Bytes
internal import UV

/// The work of the journal's thread: makes changes durable in groups, then visible, then known.
///
/// ```
/// commit, addLink ─▶ queue ─▶ one record ─▶ write ─▶ flush ─▶ index ─▶ completions, in order
/// snapshot ────────▶ queue ─▶ new segment ─▶ capture ─▶ the snapshot thread
/// ```
final class JournalThread: Sendable {
    /// What the thread is asked to do.
    enum Change: Sendable {
        case commit([ImageRecord], Completion<Result<[Bool], CatalogError>>)
        case addLink(UploadLink, Completion<Result<Void, CatalogError>>)
        /// Take a capture, if anything changed since the last, and hand it on.
        case capture(@Sendable (Result<CatalogCapture?, CatalogError>) -> Void)
        /// Tell whether a record could be written now.
        case probe(Completion<Result<Void, CatalogError>>)
        /// Let go of the segment; nothing comes after it.
        case close
    }

    private struct State: Sendable {
        var writer: JournalWriter
        /// When a repair was tried last, so that a dead disk is not asked at every change.
        var lastRepairSeconds: Int64?
        /// Whether the last record could not be written, so that a probe has to try.
        var hasFailed = false
        /// The last probe that found the disk failing: when, and what it said.
        var lastProbe: (seconds: Int64, error: CatalogError)?
    }

    private let index: Lock<CatalogIndex>
    private let snapshots: SnapshotStore
    private let directory: CatalogDirectory
    private let limits: CatalogLimits
    private let clock: @Sendable () -> Int64
    /// Touched by the journal's thread alone; the mutex, never waited for, is how the compiler
    /// knows.
    private let state: Lock<State>

    /// Prepares the thread's work.
    ///
    /// - Parameters:
    ///   - recovered: what recovery brought back.
    ///   - directory: where the files are.
    ///   - snapshots: where snapshots go.
    ///   - limits: what the catalog takes on.
    ///   - clock: gives seconds since 1970, from any thread.
    init(
        _ recovered: consuming Recovery.Recovered,
        directory: CatalogDirectory,
        snapshots: SnapshotStore,
        limits: CatalogLimits,
        clock: @escaping @Sendable () -> Int64
    ) {
        state = Lock(State(writer: recovered.writer))
        index = Lock(recovered.index)
        self.directory = directory
        self.snapshots = snapshots
        self.limits = limits
        self.clock = clock
    }

    /// Reads or changes the index; no input or output happens under its lock.
    ///
    /// - Parameter body: O(1) in the number of images.
    /// - Returns: what `body` returned.
    func withIndex<Value: Sendable>(_ body: (inout CatalogIndex) -> Value) -> Value {
        index.withLock { body(&$0) }
    }

    /// Does what has queued up.
    ///
    /// - Parameter changes: in the order in which they were asked for.
    func process(_ changes: [Change]) {
        state.withLock { state in
            var group = JournalGroup()
            for change in changes {
                switch change {
                case .commit(let images, let completion):
                    add(images, completion, to: &group)
                case .addLink(let link, let completion):
                    add(link, completion, to: &group)
                case .capture(let handOver):
                    flush(&group, &state)
                    handOver(capture(&state))
                case .probe(let completion):
                    flush(&group, &state)
                    completion.resolve(probe(&state))
                case .close:
                    flush(&group, &state)
                    state.writer.close()
                }
                if group.isFull { flush(&group, &state) }
            }
            flush(&group, &state)
        }
    }

    // MARK: Changes

    private func add(
        _ images: [ImageRecord],
        _ completion: Completion<Result<[Bool], CatalogError>>,
        to group: inout JournalGroup
    ) {
        guard images.count <= JournalFormat.imageCountLimit else {
            let message = "one request brought \(images.count) images; the journal takes "
            let limit = "\(JournalFormat.imageCountLimit) at once"
            group.refuse(completion, CatalogError(.tooManyImages, message + limit))
            return
        }
        let known = withIndex { index in
            (flags: images.map { index.contains($0.id) }, count: index.images.count)
        }
        var seen: Set<BlobID> = []
        let isNew = zip(images, known.flags).map { image, isKnown in
            !isKnown && !group.pendingImages.contains(image.id) && seen.insert(image.id).inserted
        }
        guard known.count + group.pendingImages.count + seen.count <= limits.images else {
            let message = "the catalog holds \(limits.images) images, which is its limit"
            group.refuse(completion, CatalogError(.full, message))
            return
        }
        group.add(zip(images, isNew).filter(\.1).map(\.0), isNew: isNew, completion)
    }

    private func add(
        _ link: UploadLink,
        _ completion: Completion<Result<Void, CatalogError>>,
        to group: inout JournalGroup
    ) {
        let now = clock()
        let count = withIndex { index in
            index.forgetLinks(now: now)
            return index.links.count
        }
        guard count + group.pendingLinkCount < limits.links else {
            let message = "\(limits.links) upload links are remembered already"
            group.refuse(completion, CatalogError(.full, message))
            return
        }
        group.add(link, completion)
    }

    /// Makes a group durable, then visible, then known to those who wait.
    private func flush(_ group: inout JournalGroup, _ state: inout State) {
        var ended = JournalGroup()
        swap(&group, &ended)
        let entries = ended.entries
        do throws(CatalogError) {
            if !entries.isEmpty {
                try repairIfAbandoned(&state)
                try append(entries, &state)
                for entry in entries { withIndex { $0.apply(entry) } }
            }
            ended.succeed()
        } catch {
            ended.fail(error)
        }
    }

    private func append(_ entries: [JournalEntry], _ state: inout State) throws(CatalogError) {
        var encoder = JournalRecordEncoder()
        for entry in entries { encoder.append(entry) }
        do throws(CatalogError) {
            try state.writer.append(encoder)
            state.hasFailed = false
        } catch {
            state.hasFailed = true
            // At once, because the record that nobody is told of may otherwise come to light.
            try? repairIfAbandoned(&state)
            throw error
        }
    }

    /// Replaces an abandoned segment by a snapshot and a new segment.
    ///
    /// - Throws: `CatalogError` when the disk still fails, or failed less than a second ago.
    private func repairIfAbandoned(_ state: inout State) throws(CatalogError) {
        guard state.writer.isAbandoned else { return }
        let now = clock()
        guard state.lastRepairSeconds != now else {
            throw CatalogError(.io, "the journal was given up after a failed flush")
        }
        state.lastRepairSeconds = now
        // The burned number is included: a record of that number is out of date wherever it is.
        let sequenceNumber = state.writer.nextSequenceNumber - 1
        try snapshots.write(makeCapture(sequenceNumber, now: now), isWaitedFor: true)
        try state.writer.startSegment()
        state.lastRepairSeconds = nil
        directory.removeSegments(through: sequenceNumber)
    }

    /// Tells whether a record could be written.
    ///
    /// As long as all goes well the last record has told; the disk is asked only after a failure,
    /// and at most once a second: readiness is asked without a key, and trying costs two flushes.
    private func probe(_ state: inout State) -> Result<Void, CatalogError> {
        guard state.hasFailed || state.writer.isAbandoned else { return .success(()) }
        let now = clock()
        if let last = state.lastProbe, last.seconds == now { return .failure(last.error) }
        do throws(CatalogError) {
            try repairIfAbandoned(&state)
            try state.writer.probe()
            state.hasFailed = false
            state.lastProbe = nil
            return .success(())
        } catch {
            state.lastProbe = (now, error)
            return .failure(error)
        }
    }

    // MARK: Snapshots

    private func capture(_ state: inout State) -> Result<CatalogCapture?, CatalogError> {
        do throws(CatalogError) {
            try repairIfAbandoned(&state)
            let sequenceNumber = state.writer.nextSequenceNumber - 1
            guard sequenceNumber > snapshots.durableSequenceNumber else { return .success(nil) }
            try state.writer.startSegment()
            return .success(makeCapture(sequenceNumber, now: clock()))
        } catch {
            return .failure(error)
        }
    }

    private func makeCapture(_ sequenceNumber: UInt64, now: Int64) -> CatalogCapture {
        withIndex { CatalogCapture($0, sequenceNumber: sequenceNumber, now: now) }
    }
}
