internal import Bytes
internal import UV

/// A finished temporary file on its way under its content's name.
struct SealedFile: Sendable {
    /// The blob's id and the path in `incoming/`.
    var entry: PutReceipt.Entry
    /// Size in bytes.
    var sizeBytes: UInt64
    /// Open; closed by the flush.
    var descriptor: FileDescriptor
}

/// The puts that become durable together, and the steps that make them so.
///
/// What a crash leaves after each step, and how the next start treats it:
/// 1. `flush`: the temporary files have one name each; they are removed.
/// 2. `link`: they have two names, of which a crash may lose one. The catalog does not know them
///    yet, so both are removed.
/// 3. `flushDirectories`: as 2. From here on the put is promised, and the catalog decides: what its
///    journal has is kept.
///
/// The temporary name goes only after `confirm`; it is the mark by which the next start finds the
/// blob. `BlobFiles.md` has the table with all cases.
struct CommitGroup {
    /// One put of the group.
    struct Put {
        let files: [SealedFile]
        let completion: Completion<Result<PutReceipt, BlobStoreError>>
        /// The first thing that went wrong; what follows skips the put.
        var failure: BlobStoreError?
        /// What is claimed for it so far.
        var held: [PutReceipt.Entry] = []
        /// The first bytes of the ids in `held`: directories that have to be durable for it.
        var directories: Set<UInt8> = []

        init(
            files: [SealedFile],
            completion: Completion<Result<PutReceipt, BlobStoreError>>
        ) {
            self.files = files
            self.completion = completion
        }
    }

    /// What stands under a blob's name.
    private enum Present { case nothing, whole, damaged }

    /// A file to be flushed, and the put that needs it.
    private struct Pending {
        let put: Int
        let path: String
        let file: DataFlush.File

        init(put: Int, path: String, _ sealed: SealedFile) {
            self.put = put
            self.path = path
            file = DataFlush.File(descriptor: sealed.descriptor, sizeBytes: sealed.sizeBytes)
        }
    }

    let layout: BlobLayout
    let fileSystem: any FileSystem
    let memory: LargeMemory
    private(set) var puts: [Put]
    /// What this group has given its name, and so knows to be whole.
    private var placed: Set<BlobID> = []
    /// Blobs of the group that stood in the store before it began; they need neither flush nor
    /// link.
    private var alreadyStored: Set<BlobID> = []

    init(
        _ puts: [Put],
        layout: BlobLayout,
        fileSystem: any FileSystem,
        memory: LargeMemory
    ) {
        self.puts = puts
        self.memory = memory
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// Step 1: makes the data durable, and closes the files.
    ///
    /// What the store has is not written a second time. What an open put claims is durable since
    /// before it got its name, and its name becomes so in step 3 even if that put is not done yet.
    /// What none claims may have been brought by somebody else, and be in the cache only.
    ///
    /// - Parameter claims: those of the puts that are open.
    mutating func flush(_ claims: Claims) {
        var pending: [Pending] = []
        for i in puts.indices {
            for file in puts[i].files {
                do throws(BlobStoreError) {
                    guard try present(file) == .whole else {
                        pending.append(Pending(put: i, path: file.entry.temporary, file))
                        continue
                    }
                    alreadyStored.insert(file.entry.id)
                    guard !claims.isHeld(file.entry.id) else { continue }
                    let path = layout.path(of: file.entry.id)
                    var stored = file
                    (stored.descriptor, _) = try BlobFile.open(path, on: fileSystem)
                    pending.append(Pending(put: i, path: path, stored))
                } catch {
                    puts[i].fail(error)
                }
            }
        }
        let results = DataFlush.flush(pending.map(\.file), on: fileSystem)
        for (item, error) in zip(pending, results) {
            guard let error else { continue }
            puts[item.put].fail(BlobStoreError("making \(item.path) durable", error))
        }
        let own = puts.flatMap(\.files).map(\.descriptor)
        for file in Set(own + pending.map(\.file.descriptor)) { fileSystem.close(file) }
    }

    /// Step 2: gives the files their contents' names and claims them.
    mutating func link(_ claims: inout Claims) {
        for i in puts.indices where puts[i].failure == nil {
            for file in puts[i].files {
                do throws(BlobStoreError) {
                    let isMaker = try alreadyStored.contains(file.entry.id) ? false : place(file)
                    claims.hold(file.entry, isMaker: isMaker)
                    puts[i].held.append(file.entry)
                    puts[i].directories.insert(file.entry.id.firstByte)
                } catch {
                    puts[i].fail(error)
                    break
                }
                if file.sizeBytes > DataFlush.yieldAfterBytes { Thread.yield() }
            }
        }
    }

    /// Step 3: makes the names durable, each directory once for the whole group.
    ///
    /// A name that was there already counts as well: who made it may not have come this far.
    mutating func flushDirectories() {
        let touched = Set(puts.lazy.filter { $0.failure == nil }.flatMap(\.directories))
        let ordered = touched.sorted()
        let directories = ordered.map(layout.directory)
        let results = DataFlush.flushDirectories(directories, on: fileSystem)
        for (i, error) in results.enumerated() {
            guard let error else { continue }
            let failure = BlobStoreError("making the names in \(directories[i]) durable", error)
            for put in puts.indices where puts[put].directories.contains(ordered[i]) {
                puts[put].fail(failure)
            }
        }
    }

    /// Gives a durable file its content's name.
    ///
    /// - Returns: whether the name was not there before.
    private mutating func place(_ file: SealedFile) throws(BlobStoreError) -> Bool {
        let path = layout.path(of: file.entry.id)
        do throws(UVError) {
            try fileSystem.link(file.entry.temporary, to: path)
            placed.insert(file.entry.id)
            return true
        } catch .exists {
            // Another put of this group brought the same content, or the file is damaged.
            if placed.contains(file.entry.id) { return false }
            if try present(file) != .whole { try heal(file, at: path) }
            placed.insert(file.entry.id)
            return false
        } catch {
            throw BlobStoreError("linking \(file.entry.temporary) to \(path)", error)
        }
    }

    /// Replaces what stands under a blob's name and has not its content.
    ///
    /// Through a second temporary name, because `rename` takes away the name that it is given.
    private func heal(_ file: SealedFile, at path: String) throws(BlobStoreError) {
        let second = layout.path(of: IncomingName())
        do throws(UVError) {
            try fileSystem.link(file.entry.temporary, to: second)
        } catch {
            throw BlobStoreError("naming \(file.entry.temporary) a second time", error)
        }
        do throws(UVError) {
            try fileSystem.rename(second, to: path)
        } catch let renaming {
            do throws(UVError) {
                try fileSystem.remove(second)
            } catch {
                // Left for the next start, as every name in `incoming/`; the put fails anyway.
            }
            throw BlobStoreError("replacing the damaged \(path)", renaming)
        }
    }

    /// Looks at what stands under a blob's name already.
    ///
    /// Its size is not enough: what was put is at hand only now, and a `200` for bytes that are
    /// nowhere would be the last the client heard of them. So the file is read and compared with
    /// its name.
    private func present(_ file: SealedFile) throws(BlobStoreError) -> Present {
        let path = layout.path(of: file.entry.id)
        do throws(UVError) {
            let status = try fileSystem.status(of: path)
            guard status.kind == .file, status.sizeBytes == file.sizeBytes else { return .damaged }
        } catch .notFound {
            return .nothing
        } catch {
            throw BlobStoreError("looking for \(path)", error)
        }
        let piece = try memory.hashPiece()
        let found = try BlobFile.hash(path, on: fileSystem, piece: piece)
        return found.id == file.entry.id ? .whole : .damaged
    }
}

extension CommitGroup.Put {
    /// Notes a failure; the first one is what the caller hears.
    fileprivate mutating func fail(_ error: BlobStoreError) {
        failure = failure ?? error
    }
}
