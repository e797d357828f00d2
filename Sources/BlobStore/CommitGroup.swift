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

    let layout: BlobLayout
    let fileSystem: any FileSystem
    let memory: LargeMemory
    private(set) var puts: [Put]
    /// What this group has given its name, and so knows to be whole.
    private var placed: Set<BlobID> = []
    /// Blobs of the group that open puts had claimed before it began; they need neither flush nor
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
    /// What an open put claims is not written a second time: it is durable since before it got its
    /// name, and its name becomes so in step 3 even if that put is not done yet. Whatever else
    /// stands under the name may have been brought by somebody, and be in the cache only.
    ///
    /// - Parameter claims: those of the puts that are open.
    mutating func flush(_ claims: Claims) {
        var pending: [(put: Int, file: SealedFile)] = []
        for i in puts.indices {
            for file in puts[i].files {
                do throws(BlobStoreError) {
                    if claims.isHeld(file.entry.id), try isWhole(file) {
                        alreadyStored.insert(file.entry.id)
                    } else {
                        pending.append((i, file))
                    }
                } catch {
                    puts[i].fail(error)
                }
            }
        }
        let files = pending.map {
            DataFlush.File(descriptor: $0.file.descriptor, sizeBytes: $0.file.sizeBytes)
        }
        let results = DataFlush.flush(files, on: fileSystem)
        for (item, error) in zip(pending, results) {
            guard let error else { continue }
            puts[item.put].fail(
                BlobStoreError("making \(item.file.entry.temporary) durable", error)
            )
        }
        for put in puts {
            for file in put.files { fileSystem.close(file.descriptor) }
        }
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
            // Another put of this group brought the same content, or something stands there that
            // may be damaged, or may not be durable: this file is neither.
            if placed.contains(file.entry.id) { return false }
            try replace(path, with: file)
            placed.insert(file.entry.id)
            return false
        } catch {
            throw BlobStoreError("linking \(file.entry.temporary) to \(path)", error)
        }
    }

    /// Replaces what stands under a blob's name; whoever has it open reads on.
    ///
    /// Through a second temporary name, because `rename` takes away the name that it is given.
    private func replace(_ path: String, with file: SealedFile) throws(BlobStoreError) {
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
            throw BlobStoreError("replacing \(path)", renaming)
        }
    }

    /// Tells whether a file's content stands under its name already.
    ///
    /// The size is not enough: what was put is at hand only now, and a `200` for bytes that are
    /// nowhere would be the last the client heard of them. So the file is read and compared with
    /// its name.
    private func isWhole(_ file: SealedFile) throws(BlobStoreError) -> Bool {
        let path = layout.path(of: file.entry.id)
        do throws(UVError) {
            let status = try fileSystem.status(of: path)
            guard status.kind == .file, status.sizeBytes == file.sizeBytes else { return false }
        } catch .notFound {
            return false
        } catch {
            throw BlobStoreError("looking for \(path)", error)
        }
        let piece = try memory.hashPiece()
        let found = try BlobFile.hash(path, on: fileSystem, piece: piece)
        return found.id == file.entry.id
    }
}

extension CommitGroup.Put {
    /// Notes a failure; the first one is what the caller hears.
    fileprivate mutating func fail(_ error: BlobStoreError) {
        failure = failure ?? error
    }
}
