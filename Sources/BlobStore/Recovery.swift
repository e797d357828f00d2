package import Bytes
internal import UV

/// What the start has found in `incoming/` and done about it.
package struct RecoveryReport: Hashable, Sendable {
    /// Uploads that had not become blobs: removed.
    package var removedUploads = 0
    /// Blobs of uploads that were never acknowledged: removed.
    package var removedBlobs = 0
    /// Blobs that the catalog knows: kept, their temporary names removed.
    package var keptBlobs = 0
    /// Blobs that the catalog knows, put back in place from their temporary names.
    package var restoredBlobs = 0
    /// Names that were left alone and why, the first `BlobStoreLimits.reportedNames` of them.
    package var leftAlone: [String] = []
    /// How many names were left alone.
    package var leftAloneCount = 0

    fileprivate mutating func leave(_ name: String, because reason: String) {
        leftAloneCount += 1
        if leftAlone.count < BlobStoreLimits.reportedNames {
            leftAlone.append("\(name): \(reason)")
        }
    }
}

extension FileBlobStore {
    /// Ends what the last run of the process left half done, so that nothing unacknowledged
    /// remains.
    ///
    /// Every name in `incoming/` tells of an upload without a known end. What has one name never
    /// became a blob. What has more did, and the catalog decides: it knows the blob if, and only
    /// if, its journal record had become durable.
    ///
    /// May be interrupted and repeated: a blob goes durably before the name that tells of it.
    /// Blocks; called once, before the first upload. Takes as long as reading the uploads that were
    /// being committed when the process ended.
    ///
    /// - Parameter isKnown: whether the catalog, completely loaded, has a blob.
    /// - Returns: what was found and done.
    /// - Throws: `io` and what else the system said; nothing is lost by trying again.
    package func recover(isKnown: (BlobID) -> Bool) throws(BlobStoreError) -> RecoveryReport {
        var recovery = try Recovery(layout: layout, fileSystem: fileSystem, memory: memory)
        let names: [String]
        do throws(UVError) {
            names = try fileSystem.list(layout.incomingDirectory)
        } catch {
            throw BlobStoreError("listing \(layout.incomingDirectory)", error)
        }
        for name in names.sorted() { try recovery.examine(name, isKnown) }
        try recovery.finish()
        return recovery.report
    }
}

/// One run of `recover`.
private struct Recovery {
    let layout: BlobLayout
    let fileSystem: any FileSystem
    var report = RecoveryReport()
    /// Temporary files whose blobs were removed; they go when that is durable.
    private var dropped: [String] = []
    private var changedDirectories: Set<UInt8> = []
    private let piece: Buffer

    init(
        layout: BlobLayout,
        fileSystem: any FileSystem,
        memory: LargeMemory
    ) throws(BlobStoreError) {
        piece = try memory.hashPiece()
        self.layout = layout
        self.fileSystem = fileSystem
    }

    mutating func examine(_ text: String, _ isKnown: (BlobID) -> Bool) throws(BlobStoreError) {
        guard let name = IncomingName(text) else {
            return report.leave(text, because: "not a name that the store makes")
        }
        let path = layout.path(of: name)
        guard let status = try status(of: path), status.kind == .file else {
            return report.leave(text, because: "not a regular file")
        }
        guard status.linkCount > 1 else {
            report.removedUploads += 1
            return try remove(path)
        }
        let id: BlobID
        do throws(BlobStoreError) {
            id = try BlobFile.hash(path, on: fileSystem, piece: piece).id
        } catch {
            // Not to be read, so not to be judged; it hides nothing and shows nothing.
            return report.leave(text, because: "\(error)")
        }
        if isKnown(id) {
            try keep(id, path, status)
        } else {
            try takeBack(id, path, status)
        }
    }

    private mutating func keep(
        _ id: BlobID,
        _ path: String,
        _ status: FileStatus
    ) throws(BlobStoreError) {
        if try isInPlace(id, status) {
            report.keptBlobs += 1
            return try remove(path)
        }
        // The process ended while it replaced a damaged file: the whole content is here.
        report.restoredBlobs += 1
        changedDirectories.insert(id.firstByte)
        do throws(UVError) {
            try fileSystem.rename(path, to: layout.path(of: id))
        } catch {
            throw BlobStoreError("putting \(id) back in place", error)
        }
    }

    /// Tells whether a blob stands under its name with its content: as the file of the temporary
    /// name that was just hashed, which is the rule, or as another one, which has to be hashed
    /// itself, because damage need not change the size.
    private func isInPlace(_ id: BlobID, _ status: FileStatus) throws(BlobStoreError) -> Bool {
        let path = layout.path(of: id)
        guard let present = try self.status(of: path), present.kind == .file else { return false }
        if present.inode == status.inode { return true }
        guard present.sizeBytes == status.sizeBytes else { return false }
        do throws(BlobStoreError) {
            return try BlobFile.hash(path, on: fileSystem, piece: piece).id == id
        } catch {
            // Not to be read. The other file is whole, so that to put it there is never wrong.
            return false
        }
    }

    private mutating func takeBack(
        _ id: BlobID,
        _ path: String,
        _ status: FileStatus
    ) throws(BlobStoreError) {
        // Another file under that name is not this upload's, and not for this upload to remove.
        guard try self.status(of: layout.path(of: id))?.inode == status.inode else {
            report.removedUploads += 1
            return try remove(path)
        }
        report.removedBlobs += 1
        try remove(layout.path(of: id))
        changedDirectories.insert(id.firstByte)
        dropped.append(path)
    }

    func finish() throws(BlobStoreError) {
        for firstByte in changedDirectories.sorted() {
            let directory = layout.directory(firstByte)
            do throws(UVError) {
                try DataFlush.flushDirectory(directory, on: fileSystem)
            } catch {
                throw BlobStoreError("making the names in \(directory) durable", error)
            }
        }
        for path in dropped { try remove(path) }
    }

    private func status(of path: String) throws(BlobStoreError) -> FileStatus? {
        do throws(UVError) {
            return try fileSystem.status(of: path)
        } catch .notFound {
            return nil
        } catch {
            throw BlobStoreError("looking at \(path)", error)
        }
    }

    private func remove(_ path: String) throws(BlobStoreError) {
        do throws(UVError) {
            try fileSystem.remove(path)
        } catch {
            throw BlobStoreError("removing \(path)", error)
        }
    }
}
