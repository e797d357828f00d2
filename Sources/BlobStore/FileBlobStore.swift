package import Bytes
package import UV

/// Blobs as files of a local disk, each under its content's name.
///
/// Four kinds of threads work for it: libuv's pool reads, a few threads of the store's own receive
/// uploads, one `Committer` thread makes puts durable in groups, one `Janitor` thread closes and
/// drops.
package final class FileBlobStore: BlobStore {
    let layout: BlobLayout
    let fileSystem: any FileSystem
    let janitor: Janitor
    /// What blobs are read into comes from here.
    package let memory: LargeMemory
    private let names = IncomingNames()
    private let receivers: WorkThreads
    private let commits: ClosableQueue<Committer.Request>

    /// Threads that receive uploads: one for each processor to hash on, and a second one where
    /// there is one processor, which hashes while the other waits for the disk.
    private static var receiverCount: Int { max(2, availableParallelism) }

    /// Opens a store, making its directories when they are not there.
    ///
    /// Blocks.
    ///
    /// `recover` comes next, before the first `makeIncoming`.
    ///
    /// - Parameters:
    ///   - dataDirectory: an existing directory that no other process uses; the caller holds its
    ///     lock.
    ///   - fileSystem: what it is on.
    ///   - memory: what blobs are read into comes from here.
    ///   - report: is told what fails without anybody waiting for it; called on any thread.
    /// - Throws: `corrupted` when something else stands where a directory should be; `noSpace`,
    ///   `io`.
    package init(
        dataDirectory: String,
        fileSystem: any FileSystem,
        memory: LargeMemory = LargeMemory(),
        report: @escaping @Sendable (BlobStoreError) -> Void
    ) throws(BlobStoreError) {
        layout = BlobLayout(dataDirectory: dataDirectory)
        self.fileSystem = fileSystem
        self.memory = memory
        try layout.makeDirectories(on: fileSystem)
        let committer = Committer(
            layout: layout,
            fileSystem: fileSystem,
            memory: memory,
            report: report
        )
        do throws(UVError) {
            janitor = try Janitor(fileSystem: fileSystem, report: report)
        } catch {
            throw BlobStoreError("starting the janitor's thread", error)
        }
        do throws(UVError) {
            receivers = try WorkThreads(name: "blob-receive", count: Self.receiverCount)
        } catch {
            janitor.finish()
            throw BlobStoreError("starting the receiving threads", error)
        }
        do throws(UVError) {
            commits = try ClosableQueue(name: "blob-commit", urgency: .steady) {
                committer.process($0)
            }
        } catch {
            receivers.finish()
            janitor.finish()
            throw BlobStoreError("starting the commit thread", error)
        }
    }

    package func makeIncoming() -> IncomingBlob {
        IncomingBlob(
            spool: FileSpool(
                path: layout.path(of: names.next()),
                fileSystem: fileSystem,
                janitor: janitor
            )
        )
    }

    package func receive<Result: Sendable>(
        on loop: Loop,
        _ work: @escaping @Sendable () -> Result,
        completion: @escaping (Result) -> Void
    ) {
        receivers.submit(on: loop, work, completion: completion)
    }

    package func put(
        _ blobs: [IncomingBlob],
        on loop: Loop,
        completion: @escaping (Result<PutReceipt, BlobStoreError>) -> Void
    ) {
        let files = blobs.map { blob in
            let (id, sizeBytes, content) = blob.handOver()
            guard case .file(let path, let descriptor) = content else {
                preconditionFailure("the blob was made by another store")
            }
            return SealedFile(
                entry: PutReceipt.Entry(id: id, temporary: path),
                sizeBytes: sizeBytes,
                descriptor: descriptor
            )
        }
        commits.submit(.put(files, loop.completion(completion)))
    }

    package func confirm(_ receipt: PutReceipt) {
        if receipt.settle() { commits.submit(.confirm(receipt)) }
    }

    package func revoke(_ receipt: PutReceipt) {
        if receipt.settle() { commits.submit(.revoke(receipt)) }
    }

    package func remove(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        commits.submit(.remove(id, loop.completion(completion)))
    }

    package func close() {
        receivers.finish()
        commits.finish()
        janitor.finish()
    }

    /// Ends the threads of a store that nobody closed.
    deinit { close() }
}
