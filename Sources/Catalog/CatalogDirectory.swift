internal import UV

/// The catalog's files in the data directory, and the one way to make them durable.
struct CatalogDirectory: Sendable {
    /// Everything up to a sequence number.
    static let snapshotName = "snapshot"
    /// A snapshot that is being written.
    static let temporarySnapshotName = "snapshot.tmp"
    /// Readable and writable by the owner alone.
    private static let filePermissions: UInt32 = 0o600

    /// The directory's path.
    let path: String
    /// What its files are read and written with.
    let fileSystem: any FileSystem

    /// Gives the path of a file.
    ///
    /// - Parameter name: its name.
    /// - Returns: its path.
    func path(of name: String) -> String { "\(path)/\(name)" }

    /// The names of all files in the directory.
    ///
    /// - Returns: the names, in no order.
    /// - Throws: `CatalogError` `.io`.
    func list() throws(CatalogError) -> [String] {
        try attempt("listing \(path)") { () throws(UVError) in try fileSystem.list(path) }
    }

    /// The sequence numbers that the segments' names give, smallest first.
    ///
    /// - Returns: the numbers.
    /// - Throws: `CatalogError` `.io`.
    func segments() throws(CatalogError) -> [UInt64] {
        try list().compactMap(JournalFormat.first(ofSegmentNamed:)).sorted()
    }

    /// Opens a file that exists.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - options: for reading, writing or both.
    /// - Returns: the open file.
    /// - Throws: `CatalogError` `.io`.
    func open(_ name: String, _ options: OpenOptions) throws(CatalogError) -> FileDescriptor {
        try attempt("opening \(path(of: name))") { () throws(UVError) in
            try fileSystem.open(
                path(of: name),
                options.union(.noFollow),
                permissions: Self.filePermissions
            )
        }
    }

    /// Makes a file for writing, empty even if it exists.
    ///
    /// - Parameter name: its name.
    /// - Returns: the open file.
    /// - Throws: `CatalogError` `.io` or `.noSpace`.
    func make(_ name: String) throws(CatalogError) -> FileDescriptor {
        try open(name, [.read, .write, .create, .truncate])
    }

    /// Makes the directory's names durable.
    ///
    /// - Throws: `CatalogError` `.io` or `.noSpace`.
    func synchronize() throws(CatalogError) {
        try attempt("flushing the directory \(path)") { () throws(UVError) in
            let directory = try fileSystem.open(path, [.read, .directory], permissions: 0)
            defer { fileSystem.close(directory) }
            try fileSystem.synchronize(directory)
        }
    }

    /// Removes a file.
    ///
    /// - Parameter name: its name.
    /// - Throws: `CatalogError` `.io`.
    func remove(_ name: String) throws(CatalogError) {
        try attempt("removing \(path(of: name))") { () throws(UVError) in
            try fileSystem.remove(path(of: name))
        }
    }

    /// Removes the segments that hold nothing newer than a snapshot.
    ///
    /// - Parameter sequenceNumber: that of the snapshot, which is durable.
    func removeSegments(through sequenceNumber: UInt64) {
        // What cannot be removed now costs space only; it is tried again with the next snapshot and
        // at the next start, hence no error.
        guard let segments = try? segments() else { return }
        for first in segments where first <= sequenceNumber {
            try? remove(JournalFormat.name(first: first))
        }
    }

    /// Makes a new segment durable: its header, then its name.
    ///
    /// - Parameter first: the sequence number of its first record.
    /// - Returns: the open file.
    /// - Throws: `CatalogError` `.io` or `.noSpace`; the file may be there all the same.
    func makeSegment(first: UInt64) throws(CatalogError) -> FileDescriptor {
        let name = JournalFormat.name(first: first)
        let file = try make(name)
        do throws(CatalogError) {
            try attempt("writing the header of \(path(of: name))") { () throws(UVError) in
                try fileSystem.write(file, JournalFormat.encodeHeader(first: first).span, at: 0)
                try fileSystem.synchronize(file)
            }
            try synchronize()
        } catch {
            fileSystem.close(file)
            throw error
        }
        return file
    }

    /// Performs file operations and turns their error into words.
    ///
    /// - Parameters:
    ///   - message: what is being done, to what.
    ///   - body: the operations.
    /// - Returns: what `body` returned.
    /// - Throws: `CatalogError` `.io` or `.noSpace`.
    func attempt<Value>(
        _ message: @autoclosure () -> String,
        _ body: () throws(UVError) -> Value
    ) throws(CatalogError) -> Value {
        do throws(UVError) {
            return try body()
        } catch {
            throw .failed(message(), error)
        }
    }
}
