internal import UV

/// Makes the data of a batch's temporary files durable: the one place that decides how.
///
/// One `fdatasync` a file, one after the other. On a journaling file system the first of a batch
/// carries most of the cost; whatever flushes them together (write-back begun early, one `syncfs`)
/// belongs here and keeps the promise of `flush`.
enum DataFlush {
    /// Flushes files.
    ///
    /// An error is final for its file. Linux reports a failed write-back once and marks the pages
    /// clean, so that a second `fdatasync` would answer "success" about data that never arrived
    /// (fsync(2), "ERRORS"). The caller drops the file; the client sends the content again.
    ///
    /// - Parameters:
    ///   - files: files that were written completely.
    ///   - fileSystem: where they are.
    /// - Returns: for each file, the error, or `nil` when its data is durable.
    static func flush(_ files: [FileDescriptor], on fileSystem: any FileSystem) -> [UVError?] {
        files.map { file in
            do throws(UVError) {
                try fileSystem.synchronizeData(file)
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
    ///   - fileSystem: where it is.
    /// - Throws: what opening or flushing it answered; final, as in `flush`.
    static func flushDirectory(
        _ path: String,
        on fileSystem: any FileSystem
    ) throws(UVError) {
        let directory = try fileSystem.open(
            path,
            [.read, .directory, .noFollow],
            permissions: 0
        )
        defer { fileSystem.close(directory) }
        try fileSystem.synchronize(directory)
    }
}
