internal import Bytes
internal import UV

/// What the commit thread does: makes puts durable in groups, and ends their claims.
///
/// All changes of `blobs/` while the service runs are made here, one after the other, so that
/// nothing changes between looking and acting.
final class Committer: Sendable {
    /// One request to the thread.
    enum Request: Sendable {
        case put([SealedFile], Completion<Result<PutReceipt, BlobStoreError>>)
        case confirm(PutReceipt)
        case revoke(PutReceipt)
        case remove(BlobID, Completion<Result<Void, BlobStoreError>>)
    }

    let layout: BlobLayout
    let fileSystem: any FileSystem
    let memory: LargeMemory
    private let report: @Sendable (BlobStoreError) -> Void
    /// Held for as long as a batch takes.
    ///
    /// Nobody waits for it while the thread runs; it orders those who come after the thread has
    /// ended.
    private let claims = Lock(Claims())

    /// Prepares the work; starts nothing.
    ///
    /// - Parameters:
    ///   - layout: where the files are.
    ///   - fileSystem: what they are on.
    ///   - memory: what those that are there already are read with.
    ///   - report: is told what fails without anybody waiting for it.
    init(
        layout: BlobLayout,
        fileSystem: any FileSystem,
        memory: LargeMemory,
        report: @escaping @Sendable (BlobStoreError) -> Void
    ) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.memory = memory
        self.report = report
    }

    /// Processes all that has queued up: puts first, because somebody waits for them.
    ///
    /// No order between requests of one batch is lost by that: a claim's end is submitted after its
    /// put has completed, and a put finds what a removal would take away.
    ///
    /// - Parameter requests: in the order of their submission.
    func process(_ requests: [Request]) {
        claims.withLock { claims in
            commit(requests, &claims)
            var ended: [EndedClaim] = []
            for request in requests {
                switch request {
                case .put, .remove:
                    continue
                case .confirm(let receipt):
                    ended += receipt.entries.map { EndedClaim($0.id, claims.confirm($0)) }
                case .revoke(let receipt):
                    ended += receipt.entries.map { EndedClaim($0.id, claims.release($0)) }
                }
            }
            settle(ended)
            for case .remove(let id, let completion) in requests {
                completion.resolve(remove(id, isHeld: claims.isHeld(id)))
            }
        }
    }

    private func commit(_ requests: [Request], _ claims: inout Claims) {
        var puts: [CommitGroup.Put] = []
        for case .put(let files, let completion) in requests {
            puts.append(CommitGroup.Put(files: files, completion: completion))
        }
        guard !puts.isEmpty else { return }
        var group = CommitGroup(
            puts,
            layout: layout,
            fileSystem: fileSystem,
            memory: memory
        )
        group.flush(claims)
        group.link(&claims)
        group.flushDirectories()
        for put in group.puts where put.failure == nil {
            put.completion.resolve(.success(PutReceipt(entries: put.held)))
        }
        takeBack(group.puts.filter { $0.failure != nil }, &claims)
    }

    /// Undoes what failed puts have done, then tells them: when a client hears of a failure,
    /// nothing of its request is left.
    private func takeBack(_ puts: [CommitGroup.Put], _ claims: inout Claims) {
        var ended: [EndedClaim] = []
        for put in puts {
            ended += put.held.map { EndedClaim($0.id, claims.release($0)) }
            // A put claims its files in order and stops at the first failure.
            ended += put.files.dropFirst(put.held.count).map {
                EndedClaim($0.entry.id, .keep(dropping: [$0.entry.temporary]))
            }
        }
        settle(ended)
        for put in puts {
            guard let failure = put.failure else { continue }
            put.completion.resolve(.failure(failure))
        }
    }

    private struct EndedClaim {
        let id: BlobID
        let outcome: Claims.Outcome

        init(_ id: BlobID, _ outcome: Claims.Outcome) {
            self.id = id
            self.outcome = outcome
        }
    }

    /// Removes what ended claims leave over.
    ///
    /// A removed blob is gone durably before its temporary name goes. If it cannot be removed, the
    /// temporary name stays, so that the next start tries again.
    private func settle(_ ended: [EndedClaim]) {
        var namesByDirectory: [UInt8: [String]] = [:]
        for claim in ended {
            switch claim.outcome {
            case .keep(let names):
                names.forEach(drop)
            case .remove(let names):
                do throws(UVError) {
                    try fileSystem.remove(layout.path(of: claim.id))
                    namesByDirectory[claim.id.firstByte, default: []] += names
                } catch {
                    report(BlobStoreError("taking back \(layout.path(of: claim.id))", error))
                }
            }
        }
        for (firstByte, names) in namesByDirectory {
            let directory = layout.directory(firstByte)
            do throws(UVError) {
                try DataFlush.flushDirectory(directory, on: fileSystem)
                names.forEach(drop)
            } catch {
                report(BlobStoreError("making removals in \(directory) durable", error))
            }
        }
    }

    private func drop(_ temporary: String) {
        do throws(UVError) {
            try fileSystem.remove(temporary)
        } catch {
            // Nobody waits for it, and the next start removes it.
            report(BlobStoreError("removing \(temporary)", error))
        }
    }

    private func remove(_ id: BlobID, isHeld: Bool) -> Result<Void, BlobStoreError> {
        let path = layout.path(of: id)
        guard !isHeld else {
            return .failure(BlobStoreError(.inUse, "an upload under way claims \(id)"))
        }
        do throws(UVError) {
            try fileSystem.remove(path)
            try DataFlush.flushDirectory(layout.directory(id.firstByte), on: fileSystem)
            return .success(())
        } catch {
            return .failure(BlobStoreError("removing \(path)", error))
        }
    }
}
