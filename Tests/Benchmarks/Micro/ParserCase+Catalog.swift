internal import Bytes
internal import Catalog
internal import TestSupport
internal import UV

extension ParserCase {
    /// How many images the catalog of the lookup has; more do not fit into a quick run.
    private static let imageCount = 100_000

    /// A lookup of a known image, as a GET makes it that finds the image not in memory.
    static var catalog: [ParserCase] {
        [
            ParserCase(name: "catalog-lookup", countedRuns: 2_000) {
                let lookup = try CatalogLookup(imageCount: imageCount)
                return Work { try lookup.next() }
            }
        ]
    }
}

/// A catalog on the disk of its own, and a loop to ask it on.
private final class CatalogLookup {
    /// Ids made beforehand, in an order that no cache knows; a power of two, to go round in.
    private static let idCount = 1 << 14

    private let loop: Loop
    private let catalog: MemoryCatalog
    private var ids: [BlobID] = []
    private var turn = 0

    init(imageCount: Int) throws {
        let now = wallClock().seconds
        let images = MadeUpImages(seed: 1, count: imageCount, now: now)
        loop = try Loop()
        // The catalog is read once and not written to: it outlives its directory.
        catalog = try TemporaryDirectory.with { path in
            let files = SystemFileSystem()
            _ = try Rebuild.run(path: path, fileSystem: files, images: images, now: now)
            return try MemoryCatalog(path: path, fileSystem: files, clock: { now })
        }
        var random = SeededRandom(seed: 2)
        for _ in 0..<Self.idCount {
            ids.append(images.id(Int.random(in: 0..<imageCount, using: &random)))
        }
    }

    func next() throws -> Int {
        turn = (turn + 1) & (Self.idCount - 1)
        var width = 0
        catalog.lookUp(ids[turn], on: loop) { result in
            if case .success(let record?) = result { width = Int(record.width) }
        }
        loop.run()
        guard width > 0 else { throw ParserCaseError(description: "a known image was not found") }
        return width
    }

    deinit {
        // Nothing was changed, so there is nothing to be told of.
        catalog.closeWithoutSnapshot(on: loop) { _ in }
        loop.run()
    }
}
