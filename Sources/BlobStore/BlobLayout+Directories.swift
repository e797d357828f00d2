package import UV

extension BlobLayout {
    /// Makes the names of all blobs durable; blocks.
    ///
    /// For whoever is about to promise what it found on the disk: the process that gave a blob its
    /// name may have been stopped, or have failed, before the flush that belongs to it.
    ///
    /// - Parameter fileSystem: where they are.
    /// - Throws: what flushing a directory answered; one that is missing, or that is not ours, has
    ///   no blobs.
    package func makeNamesDurable(on fileSystem: any FileSystem) throws(BlobStoreError) {
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
