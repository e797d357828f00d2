internal import BlobStore
internal import Catalog
internal import UV

/// The directory that holds everything: opened by one process at a time.
///
/// ```
/// DATA_DIR/  lock  snapshot  journal-…  incoming/  blobs/
/// ```
/// The locks are the kernel's: they go with the process, however that ends. The directory itself is
/// locked, because whoever removes the file `lock` would let a second process make a new one; and
/// that file is, for file systems that lock no directories (NFS) and for earlier versions.
struct DataDirectory: Sendable {
    let path: String
    private let fileSystem: any FileSystem
    /// The directory and the file in it.
    private let locks: [FileDescriptor]

    /// Makes the directory if need be, and locks it.
    ///
    /// - Parameters:
    ///   - path: absolute, or relative to the working directory.
    ///   - fileSystem: where it is.
    ///   - creates: whether to make it when it does not exist.
    /// - Throws: `ServerError` `.dataDirectory`.
    init(
        _ path: String,
        fileSystem: any FileSystem = SystemFileSystem(),
        creates: Bool = true
    ) throws(ServerError) {
        self.path = path
        self.fileSystem = fileSystem
        let directory: FileDescriptor
        let file: FileDescriptor
        do throws(UVError) {
            if creates {
                try Self.make(path, fileSystem)
            } else {
                // A command looks at a directory of ours; it makes none of a wrong path.
                _ = try fileSystem.status(of: path + "/blobs")
            }
            directory = try fileSystem.open(path, [.read, .directory], permissions: 0)
            do throws(UVError) {
                let options: OpenOptions = [.write, .create, .noFollow]
                file = try fileSystem.open(path + "/lock", options, permissions: 0o600)
            } catch {
                fileSystem.close(directory)
                throw error
            }
        } catch {
            throw ServerError(
                .dataDirectory,
                creates
                    ? "the data directory \(path) cannot be used (\(error)): "
                        + "set DATA_DIR to a directory that this user may write"
                    : "\(path) is no data directory of the service (\(error)): "
                        + "name the right one with --data-dir"
            )
        }
        locks = [directory, file]
        do throws(UVError) {
            try Self.lock(directory, fileSystem)
            try fileSystem.lock(file)
        } catch {
            close()
            throw ServerError(
                .dataDirectory,
                "the data directory \(path) is in use by another process (\(error)): "
                    + "stop that one first, or set DATA_DIR to another directory"
            )
        }
    }

    private static func lock(
        _ directory: FileDescriptor,
        _ fileSystem: any FileSystem
    ) throws(UVError) {
        do throws(UVError) {
            try fileSystem.lock(directory)
        } catch .badDescriptor {
            // NFS turns `flock` into a lock of bytes, for which the descriptor must be writable,
            // and no directory's is (flock(2), "NFS details"). The file's lock has to do there.
            return
        }
    }

    /// Makes a directory and those above it, unless they are there, durably.
    ///
    /// What is promised about the images rests on the directory's own name, too, and on those
    /// above. A process that was stopped between making and flushing one has left a name that the
    /// next power cut takes away, so those that are there are flushed likewise.
    private static func make(_ path: String, _ fileSystem: any FileSystem) throws(UVError) {
        var made: Set<String> = []
        try make(path, fileSystem, &made)
        var child = path
        while let parent = parent(of: child), parent != child {
            try flush(parent, fileSystem, isOurs: made.contains(child))
            child = parent
        }
    }

    private static func make(
        _ path: String,
        _ fileSystem: any FileSystem,
        _ made: inout Set<String>
    ) throws(UVError) {
        do throws(UVError) {
            try fileSystem.makeDirectory(path, permissions: 0o700)
        } catch .exists {
            return
        } catch .notFound {
            guard let parent = parent(of: path), parent != path else { throw .notFound }
            try make(parent, fileSystem, &made)
            try fileSystem.makeDirectory(path, permissions: 0o700)
        }
        made.insert(path)
    }

    /// Makes the names in a directory durable.
    ///
    /// If none of them was made just now, others may have made the directory and what is in it, and
    /// answer for both where it cannot be flushed: where this user may not list it, and on file
    /// systems that do not flush directories (fsync(2), "EINVAL"), network ones for example.
    private static func flush(
        _ path: String,
        _ fileSystem: any FileSystem,
        isOurs: Bool
    ) throws(UVError) {
        do throws(UVError) {
            let directory = try fileSystem.open(path, [.read, .directory], permissions: 0)
            defer { fileSystem.close(directory) }
            try fileSystem.synchronize(directory)
        } catch {
            if isOurs { throw error }
        }
    }

    /// The path without its last name; a slash at its end does not make another directory of it.
    private static func parent(of path: String) -> String? {
        var rest = path[...]
        while rest.last == "/" { rest.removeLast() }
        guard !rest.isEmpty else { return nil }
        guard let slash = rest.lastIndex(of: "/") else { return "." }
        rest = rest[..<slash]
        while rest.last == "/" { rest.removeLast() }
        return rest.isEmpty ? "/" : String(rest)
    }

    /// Refuses a directory with images and without any file of a catalog: to begin a new catalog
    /// there would hide every image in it.
    private func requireCatalogBesideImages() throws(ServerError) {
        let names = try list("")
        let hasCatalog = names.contains { $0 == "snapshot" || $0.hasPrefix("journal-") }
        guard !hasCatalog, names.contains("blobs") else { return }
        for directory in try list("/blobs") where try !list("/blobs/\(directory)").isEmpty {
            throw ServerError(
                .damaged,
                "\(path) holds images and no catalog; bring its files `snapshot` and `journal-…` "
                    + "back, or run `image-service rebuild --data-dir \(path)` to make one anew "
                    + "from the images"
            )
        }
    }

    /// Lists a folder in it; what is no folder counts as empty here, because the stores say better
    /// what is wrong with it.
    ///
    /// What cannot be listed this time may hold images, and must not count as empty.
    private func list(_ name: String) throws(ServerError) -> [String] {
        do throws(UVError) {
            return try fileSystem.list(path + name)
        } catch .notFound {
            return []
        } catch .notDirectory {
            return []
        } catch {
            throw ServerError(
                .dataDirectory,
                "\(path + name) cannot be listed (\(error)): see to the disk and the rights"
            )
        }
    }

    /// More threads than libuv's pool has where nobody sets its size (4).
    private static let poolSize = 5

    /// Opens the stores in it: reads the catalog, and removes what unfinished uploads left.
    ///
    /// - Parameters:
    ///   - memory: what large reads come from.
    ///   - clock: gives seconds since 1970; called from any thread.
    ///   - log: is told, a line each, of what was found.
    /// - Returns: the stores.
    /// - Throws: `ServerError` `.damaged` with the command that repairs, or `.dataDirectory`.
    func openStores(
        memory: LargeMemory = LargeMemory(),
        clock: @escaping @Sendable () -> Int64 = { wallClock().seconds },
        log: @escaping @Sendable (String) -> Void
    ) throws(ServerError) -> OpenStores {
        do throws(UVError) {
            try startThreadPool(size: Self.poolSize)
        } catch {
            throw ServerError.memory(error)
        }
        try requireCatalogBesideImages()
        let catalog: MemoryCatalog
        do throws(CatalogError) {
            catalog = try MemoryCatalog(path: path, fileSystem: fileSystem, clock: clock)
        } catch {
            throw ServerError(error.code == .damaged ? .damaged : .dataDirectory, "\(error)")
        }
        if let tornTail = catalog.tornTail { log(tornTail) }
        do throws(BlobStoreError) {
            let blobs = try FileBlobStore(
                dataDirectory: path,
                fileSystem: fileSystem,
                memory: memory
            ) { error in log("\(error)") }
            let report = try blobs.recover { catalog.contains($0) }
            if report.removedUploads > 0 {
                log(
                    "removed what \(report.removedUploads) unfinished uploads had left, "
                        + "\(report.removedBlobs) images among it that nobody was told of"
                )
            }
            for name in report.leftAlone { log("left alone: \(name) is not of our making") }
            return OpenStores(catalog: catalog, blobs: blobs)
        } catch {
            Self.close(catalog)
            throw ServerError(.dataDirectory, "\(error)")
        }
    }

    /// Ends the threads of a catalog that is of no use without the images.
    private static func close(_ catalog: MemoryCatalog) {
        do throws(UVError) {
            let loop = try Loop()
            catalog.closeWithoutSnapshot(on: loop) { _ in }
            loop.run()
        } catch {
            // The process is about to end, and the threads with it.
            return
        }
    }

    /// Gives the locks back.
    func close() { for lock in locks { fileSystem.close(lock) } }
}

/// The stores of a data directory.
struct OpenStores: Sendable {
    let catalog: MemoryCatalog
    let blobs: FileBlobStore

    /// The stores as endpoints see them.
    var services: Services { Services(blobs: blobs, catalog: catalog) }
}
