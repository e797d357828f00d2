internal import UV

/// Closes descriptors and drops temporary files where that delays nobody.
///
/// `close` and `unlink` can block for as long as it takes to free a large file, so neither happens
/// on a loop; nor on the commit thread, where every upload would wait for it. Being asked never
/// waits, which lets a `deinit` on any thread ask.
final class Janitor: Sendable {
    /// One thing to do.
    enum Chore: Sendable {
        /// Closes a descriptor, the last use of it.
        case close(FileDescriptor)
        /// Closes a descriptor and removes the temporary file that it belongs to.
        case drop(path: String, FileDescriptor)
    }

    private let fileSystem: any FileSystem
    private let report: @Sendable (BlobStoreError) -> Void
    private let queue: ClosableQueue<Chore>

    /// Starts the thread.
    init(
        fileSystem: any FileSystem,
        report: @escaping @Sendable (BlobStoreError) -> Void
    ) throws(UVError) {
        self.fileSystem = fileSystem
        self.report = report
        queue = try ClosableQueue(name: "blob-janitor") { chores in
            for chore in chores { Self.perform(chore, fileSystem, report) }
        }
    }

    /// Asks for a chore; from any thread, without waiting while the janitor works.
    func submit(_ chore: Chore) { queue.submit(chore) }

    /// Does a chore now, on a thread that may block.
    func perform(_ chore: Chore) { Self.perform(chore, fileSystem, report) }

    /// Does what was asked for and ends the thread.
    ///
    /// What is asked later is done by who asks.
    func finish() { queue.finish() }

    private static func perform(
        _ chore: Chore,
        _ fileSystem: any FileSystem,
        _ report: @Sendable (BlobStoreError) -> Void
    ) {
        switch chore {
        case .close(let file):
            fileSystem.close(file)
        case .drop(let path, let file):
            fileSystem.close(file)
            do throws(UVError) {
                try fileSystem.remove(path)
            } catch {
                // Nobody waits for it, and the next start removes it.
                report(BlobStoreError("removing \(path)", error))
            }
        }
    }
}

/// A `BatchThread` that outlives its thread: after `finish`, items are processed by who submits
/// them.
///
/// At shutdown the last holders of a blob may let go of it after the store was closed.
final class ClosableQueue<Item: Sendable>: Sendable {
    private let process: @Sendable ([Item]) -> Void
    private let thread: Lock<BatchThread<Item>?>

    /// Starts the thread.
    init(
        name: String,
        urgency: Thread.Urgency = .patient,
        _ process: @escaping @Sendable ([Item]) -> Void
    ) throws(UVError) {
        self.process = process
        thread = Lock(try BatchThread(name: name, urgency: urgency, process))
    }

    /// Queues an item; without waiting while the thread runs.
    func submit(_ item: Item) {
        let isQueued = thread.withLock { thread in
            thread?.submit(item)
            return thread != nil
        }
        if !isQueued { process([item]) }
    }

    /// Processes what is queued and ends the thread.
    ///
    /// Harmless twice.
    func finish() {
        let last = thread.withLock { $0.take() }
        last?.finish()
    }
}
