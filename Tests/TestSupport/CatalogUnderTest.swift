package import Bytes
package import Catalog
package import UV

/// A catalog that the contract's tests run against: to test another implementation, add it to
/// `all`.
package struct CatalogUnderTest: Sendable, CustomStringConvertible {
    /// What the test's report shows.
    package let description: String
    private let makeFiles: @Sendable () throws -> (any FileSystem, path: String)

    /// Every implementation, on everything it runs on.
    package static let all: [CatalogUnderTest] = [
        CatalogUnderTest(description: "MemoryCatalog on files in memory") {
            let files = MemoryFileSystem()
            try files.makeDirectory("/data", permissions: 0o700)
            return (files, "/data")
        },
        CatalogUnderTest(description: "MemoryCatalog on the system's files") {
            let files = SystemFileSystem()
            let path = "/tmp/image-service-catalog-\(LinkID.random())"
            try files.makeDirectory(path, permissions: 0o700)
            return (files, path)
        },
    ]

    /// Runs a test with a place for a catalog, and cleans up after it.
    ///
    /// - Parameter body: the test.
    /// - Throws: what the test throws.
    package func withSession(_ body: (CatalogSession) throws -> Void) throws {
        let (files, path) = try makeFiles()
        let session = CatalogSession(files, path: path)
        defer { session.removeFiles() }
        try body(session)
    }
}

/// A data directory, a clock that stands still, and the waiting that a test of a catalog needs.
package final class CatalogSession {
    /// What the catalog's files are in.
    package let files: any FileSystem
    /// The data directory.
    package let path: String
    /// The time.
    package let clock = ManualClock()

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - files: what the files are in.
    ///   - path: the data directory, which exists.
    package init(_ files: any FileSystem, path: String) {
        self.files = files
        self.path = path
    }

    /// Opens the catalog.
    ///
    /// - Parameter limits: what it takes on.
    /// - Returns: the catalog, recovered.
    /// - Throws: what opening it throws.
    package func open(
        _ limits: CatalogLimits = CatalogLimits()
    ) throws(CatalogError) -> MemoryCatalog {
        try MemoryCatalog(path: path, fileSystem: files, limits: limits) { [clock] in clock.now }
    }

    /// Removes the data directory and what is in it.
    package func removeFiles() {
        // A leftover in /tmp is no reason for a test to fail.
        for name in (try? files.list(path)) ?? [] { try? files.remove("\(path)/\(name)") }
        try? files.removeDirectory(path)
    }
}

/// Starts one asynchronous operation and runs a loop until it is complete.
///
/// - Parameter start: starts it; given the loop and the completion.
/// - Returns: what the completion was called with.
/// - Throws: the error it was called with, or `UVError` when no loop can be made.
package func waitFor<Value, Failure: Error>(
    _ start: (Loop, @escaping (Result<Value, Failure>) -> Void) -> Void
) throws -> Value {
    let loop = try Loop()
    var results: [Result<Value, Failure>] = []
    start(loop) { results.append($0) }
    precondition(results.isEmpty, "a completion was called before the call returned")
    loop.run()
    precondition(results.count == 1, "a completion was called \(results.count) times")
    return try results[0].get()
}

extension MemoryCatalog {
    /// Adds images and waits.
    ///
    /// - Parameter images: the images of one request.
    /// - Returns: which are new.
    /// - Throws: what the catalog answers.
    @discardableResult
    package func commit(_ images: ImageRecord...) throws -> [Bool] {
        try waitFor { commit(images, on: $0, completion: $1) }
    }

    /// Adds a link and waits.
    ///
    /// - Parameter link: the link.
    /// - Throws: what the catalog answers.
    package func add(_ link: UploadLink) throws {
        try waitFor { addLink(link, on: $0, completion: $1) }
    }

    /// Resolves a link and waits.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - now: seconds since 1970.
    /// - Returns: what it stands for.
    /// - Throws: what the catalog answers.
    package func resolve(_ id: LinkID, now: Int64) throws -> LinkResolution {
        try waitFor { resolveLink(id, now: now, on: $0, completion: $1) }
    }

    /// Looks an image up and waits.
    ///
    /// - Parameter id: its name.
    /// - Returns: its record.
    /// - Throws: what the catalog answers.
    package func image(_ id: BlobID) throws -> ImageRecord? {
        try waitFor { lookUp(id, on: $0, completion: $1) }
    }

    /// Reads the aggregates and waits.
    ///
    /// - Parameter today: days since 1970.
    /// - Returns: the aggregates.
    /// - Throws: what the catalog answers.
    package func statistics(today: Int64 = 19_849) throws -> Statistics {
        try waitFor { statistics(today: today, on: $0, completion: $1) }
    }

    /// Writes a snapshot and waits.
    ///
    /// - Throws: what the catalog answers.
    package func snapshot() throws {
        try waitFor { snapshot(on: $0, completion: $1) }
    }

    /// Closes the catalog and waits.
    ///
    /// - Throws: what the catalog answers.
    package func close() throws {
        try waitFor { close(on: $0, completion: $1) }
    }
}

extension ImageRecord {
    /// Makes an image that differs from others only by its number, unless told otherwise.
    ///
    /// - Parameters:
    ///   - number: which one; its id is spread over all bits.
    ///   - kind: its format.
    ///   - camera: its camera.
    ///   - size: its size in bytes.
    ///   - day: days since 1970.
    /// - Returns: the record.
    package static func sample(
        _ number: UInt64,
        kind: ImageKind = .jpeg,
        camera: String? = nil,
        size: UInt64 = 1000,
        day: Int64 = 19_849
    ) -> ImageRecord {
        var random = SeededRandom(seed: number)
        var digest: [UInt8] = []
        for _ in 0..<4 { digest.appendBigEndian(random.next()) }
        return ImageRecord(
            id: BlobID(digest: digest.span),
            sizeBytes: size,
            kind: kind,
            width: 640,
            height: 480,
            camera: camera,
            firstUpload: day * 86_400 + 60
        )
    }
}

extension MemoryCatalog {
    /// Lets the catalog go without its final snapshot, as when the process is killed, and waits.
    ///
    /// - Throws: what the catalog answers.
    package func abandon() throws {
        try waitFor { closeWithoutSnapshot(on: $0, completion: $1) }
    }
}
