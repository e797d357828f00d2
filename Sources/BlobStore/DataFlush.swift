internal import UV

/// Makes a batch's temporary files, and then their names, durable: the one place that decides how.
///
/// ```
/// one file or a few     begin all ─▶ fdatasync each
/// many                  begin all ─▶ finish each ─▶ one syncfs
/// ```
/// A flush costs what the file system's journal and the disk's cache take, whatever it is for, so
/// many files share one of the whole file system. A few do not: it would also wait for what others
/// are writing there. `BlobFiles.md` has what each way reports, and what was measured.
enum DataFlush {
    /// From so many files or directories on they share one flush of the file system.
    ///
    /// Measured, in ms for 1, 2, 4, 8, 64 new files of 50 KiB, on ext4 with a journal where nobody
    /// else wrote: each by itself 0.5, 0.8, 1.2, 1.7, 10.5; together 0.6, 0.7, 0.8, 1.1, 5.0. So
    /// they are alike up to two, and from four on sharing is worth the wait for what others write.
    /// Directories gain where others do write, as uploads under way do: 16 took 75 ms one by one
    /// and 27 ms together, whereas in a quiet file system 0.5 and 0.8.
    static let sharedFlushMin = 4

    /// Steps with more than this are work enough to offer the processor to a loop after each.
    ///
    /// After small files it would only put the flush off until nobody else has anything to do: a
    /// quarter fewer uploads a second.
    static let yieldAfterBytes: UInt64 = 256 << 10

    /// A file of a batch.
    struct File {
        var descriptor: FileDescriptor
        var sizeBytes: UInt64
    }

    /// Flushes files.
    ///
    /// An error is final for its file. Linux reports a failed write-back once and marks the pages
    /// clean, so that a second `fdatasync` would answer "success" about data that never arrived
    /// (fsync(2), "ERRORS"). The caller drops the file; the client sends the content again.
    ///
    /// - Parameters:
    ///   - files: files that were written completely.
    ///   - fileSystem: where they are, all on the same one.
    /// - Returns: for each file, the error, or `nil` when its data is durable.
    static func flush(_ files: [File], on fileSystem: any FileSystem) -> [UVError?] {
        var errors = [UVError?](repeating: nil, count: files.count)
        // Started for all before any is waited for, so that the disk has them all at once and
        // their blocks are allocated in one transaction of the journal.
        var isWrittenBack = true
        each(files, &errors) { (file) throws(UVError) in
            do throws(UVError) {
                try fileSystem.beginWriteBack(file.descriptor, 0..<file.sizeBytes)
            } catch .notSupported {
                isWrittenBack = false
            }
        }
        if files.count >= sharedFlushMin, isWrittenBack {
            // Each file's own errors; the flush of the file system cannot say which file it means.
            each(files, &errors) { (file) throws(UVError) in
                do throws(UVError) {
                    try fileSystem.finishWriteBack(file.descriptor, 0..<file.sizeBytes)
                } catch .notSupported {
                    isWrittenBack = false
                }
            }
            if isWrittenBack, flushFileSystem(of: files[0].descriptor, on: fileSystem) {
                return errors
            }
        }
        each(files, &errors) { (file) throws(UVError) in
            try fileSystem.synchronizeData(file.descriptor)
        }
        return errors
    }

    /// Makes the names in directories durable.
    ///
    /// - Parameters:
    ///   - paths: the directories, each once.
    ///   - fileSystem: where they are.
    /// - Returns: for each directory, what opening or flushing it answered; final, as in `flush`.
    static func flushDirectories(_ paths: [String], on fileSystem: any FileSystem) -> [UVError?] {
        if paths.count >= sharedFlushMin, flushFileSystem(of: paths[0], on: fileSystem) {
            return [UVError?](repeating: nil, count: paths.count)
        }
        return paths.map { path in
            do throws(UVError) {
                try flushDirectory(path, on: fileSystem)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Makes the names in a directory durable.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - followsLink: whether it may be reached through a symbolic link: the data directory may,
    ///     as it does with systemd's `DynamicUser=`, and nothing inside it.
    ///   - fileSystem: where it is.
    /// - Throws: what opening or flushing it answered; final, as in `flush`.
    static func flushDirectory(
        _ path: String,
        followsLink: Bool = false,
        on fileSystem: any FileSystem
    ) throws(UVError) {
        let directory = try open(path, followsLink: followsLink, on: fileSystem)
        defer { fileSystem.close(directory) }
        try fileSystem.synchronize(directory)
    }

    private static func open(
        _ directory: String,
        followsLink: Bool = false,
        on fileSystem: any FileSystem
    ) throws(UVError) -> FileDescriptor {
        let options: OpenOptions = [.read, .directory]
        return try fileSystem.open(
            directory,
            followsLink ? options : options.union(.noFollow),
            permissions: 0
        )
    }

    /// Does a step for each file that has had no error.
    private static func each(
        _ files: [File],
        _ errors: inout [UVError?],
        _ step: (File) throws(UVError) -> Void
    ) {
        for (i, file) in files.enumerated() where errors[i] == nil {
            do throws(UVError) {
                try step(file)
            } catch {
                errors[i] = error
            }
            if file.sizeBytes > yieldAfterBytes { Thread.yield() }
        }
    }

    /// Makes everything on the file system durable.
    ///
    /// - Returns: false when it failed, or cannot be asked for here. A failure may be the fault of
    ///   a file that is none of ours, so each file and directory is asked itself then, which still
    ///   knows of its own.
    private static func flushFileSystem(
        of file: FileDescriptor,
        on fileSystem: any FileSystem
    ) -> Bool {
        do throws(UVError) {
            try fileSystem.synchronizeFileSystem(of: file)
            return true
        } catch {
            return false
        }
    }

    private static func flushFileSystem(
        of directory: String,
        on fileSystem: any FileSystem
    ) -> Bool {
        do throws(UVError) {
            let descriptor = try open(directory, on: fileSystem)
            defer { fileSystem.close(descriptor) }
            try fileSystem.synchronizeFileSystem(of: descriptor)
            return true
        } catch {
            return false
        }
    }
}
