internal import ArgumentParser
internal import Catalog
internal import UV

/// Makes a data directory with a catalog of any size.
///
/// Through the catalog's own writer, so that the format is the real one and the real server starts
/// on it. There are no files behind the records: the server answers `500` to a `GET` of one and
/// `image-service verify` calls each of them missing.
struct FillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill",
        abstract: "Make a data directory whose catalog has many made-up images.",
        discussion: """
            The images have records and no files. Takes about 90 bytes of memory an image, and 64
            on the disk.
            """
    )

    @Option(help: "How many images.")
    var images: Int

    @Option(help: "The directory to make; it must not exist, or be empty.")
    var dataDir: String

    @Option(help: "Names the images: the same seed, the same ones.")
    var seed: UInt64 = 1

    func validate() throws {
        guard images >= 0, images <= CatalogLimits().images else {
            throw ValidationError("--images is 0 to \(CatalogLimits().images)")
        }
    }

    func run() throws {
        let files = SystemFileSystem()
        guard try isNewOrEmpty(files) else { throw ValidationError("\(dataDir) is not empty") }
        // By this the commands of the service know one of their directories.
        try files.makeDirectory(dataDir + "/blobs", permissions: 0o700)
        let now = wallClock().seconds
        let began = monotonicNanoseconds()
        let summary = try Rebuild.run(
            path: dataDir,
            fileSystem: files,
            images: MadeUpImages(seed: seed, count: images, now: now),
            now: now
        )
        let seconds = Double(monotonicNanoseconds() - began) / 1e9
        print("\(summary.images) made-up images in \(dataDir), written in \(seconds) s")
    }

    /// Makes the directory, unless there is one.
    ///
    /// What an existing one holds may be somebody's only catalog.
    private func isNewOrEmpty(_ files: SystemFileSystem) throws(UVError) -> Bool {
        do throws(UVError) {
            try files.makeDirectory(dataDir, permissions: 0o700)
            return true
        } catch .exists {
            return try files.list(dataDir).isEmpty
        }
    }
}
