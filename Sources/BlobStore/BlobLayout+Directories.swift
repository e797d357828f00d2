package import Bytes
package import UV

extension BlobLayout {
    /// Files that are open at once while their bytes are flushed: enough for the flush of the file
    /// system that they share to cost nothing beside reading them, few enough for every limit on
    /// descriptors.
    private static let filesAtOnce = 64

    /// Makes blobs durable, their bytes and then their names; blocks.
    ///
    /// For whoever is about to promise what it found on the disk: files that somebody brought from
    /// elsewhere may be in the cache only, and a sound digest does not tell.
    ///
    /// - Parameters:
    ///   - ids: the blobs.
    ///   - fileSystem: where they are.
    /// - Throws: what opening or flushing one answered. What could not be flushed once is not saved
    ///   by a second try (fsync(2), "ERRORS"): its file has to be written again.
    package func makeDurable(
        _ ids: [BlobID],
        on fileSystem: any FileSystem
    ) throws(BlobStoreError) {
        for start in stride(from: 0, to: ids.count, by: Self.filesAtOnce) {
            let end = min(start + Self.filesAtOnce, ids.count)
            try makeBytesDurable(ids[start..<end], on: fileSystem)
        }
        try makeNamesDurable(on: fileSystem)
    }

    private func makeBytesDurable(
        _ ids: ArraySlice<BlobID>,
        on fileSystem: any FileSystem
    ) throws(BlobStoreError) {
        var files: [DataFlush.File] = []
        defer { for file in files { fileSystem.close(file.descriptor) } }
        for id in ids {
            let (descriptor, status) = try BlobFile.open(path(of: id), on: fileSystem)
            files.append(DataFlush.File(descriptor: descriptor, sizeBytes: status.sizeBytes))
        }
        for (id, error) in zip(ids, DataFlush.flush(files, on: fileSystem)) {
            guard let error else { continue }
            throw BlobStoreError(
                "making \(path(of: id)) durable, which has to be written again",
                error
            )
        }
    }

    /// Makes the names of all blobs durable; blocks.
    ///
    /// The process that gave a blob its name may have been stopped, or have failed, before the
    /// flush that belongs to it. A directory that is missing, or that is not ours, has no blobs.
    private func makeNamesDurable(on fileSystem: any FileSystem) throws(BlobStoreError) {
        let directories = (UInt8.min...UInt8.max).map(directory)
        for path in directories + [blobsDirectory, dataDirectory] {
            do throws(UVError) {
                try DataFlush.flushDirectory(
                    path,
                    followsLink: path == dataDirectory,
                    on: fileSystem
                )
            } catch .notFound {
                continue
            } catch .symbolicLinkLoop {
                continue
            } catch .notDirectory {
                continue
            } catch {
                throw BlobStoreError("making the names in \(path) durable", error)
            }
        }
    }

    /// Makes the store's directories, all of them, durably; blocks.
    ///
    /// Made at the start rather than on demand, so that a commit never has to make the name of a
    /// directory durable. The flush is not skipped when they are there: the process that made them
    /// may have been stopped before its own.
    ///
    /// - Parameter fileSystem: where to make them.
    /// - Throws: `corrupted` when something else stands in their place, a symbolic link for one;
    ///   `noSpace`, `io`.
    func makeDirectories(on fileSystem: any FileSystem) throws(BlobStoreError) {
        try makeDirectory(incomingDirectory, on: fileSystem)
        try makeDirectory(blobsDirectory, on: fileSystem)
        for firstByte in UInt8.min...UInt8.max {
            try makeDirectory(directory(firstByte), on: fileSystem)
        }
        for parent in [blobsDirectory, dataDirectory] {
            do throws(UVError) {
                try DataFlush.flushDirectory(
                    parent,
                    followsLink: parent == dataDirectory,
                    on: fileSystem
                )
            } catch {
                throw BlobStoreError("making the directories in \(parent) durable", error)
            }
        }
    }

    private func makeDirectory(
        _ path: String,
        on fileSystem: any FileSystem
    ) throws(BlobStoreError) {
        do throws(UVError) {
            try fileSystem.makeDirectory(path, permissions: Self.directoryPermissions)
        } catch .exists {
            try requireDirectory(path, on: fileSystem)
        } catch {
            throw BlobStoreError("making the directory \(path)", error)
        }
    }

    /// Requires that a path is a directory and not a symbolic link to one.
    private func requireDirectory(
        _ path: String,
        on fileSystem: any FileSystem
    ) throws(BlobStoreError) {
        do throws(UVError) {
            let options: OpenOptions = [.read, .directory, .noFollow]
            fileSystem.close(try fileSystem.open(path, options, permissions: 0))
        } catch {
            throw BlobStoreError("opening the directory \(path)", error)
        }
    }
}
