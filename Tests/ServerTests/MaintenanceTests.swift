internal import BlobStore
internal import Bytes
internal import Catalog
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct MaintenanceTests {
    private final class Lines: Sendable {
        private let lines = Lock<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Makes a data directory with some images in it, as the service would.
    private func withImages(
        _ count: Int = 3,
        _ body: (_ path: String, _ ids: [BlobID]) throws -> Void
    ) throws {
        try TemporaryDirectory.with { path in
            let directory = try DataDirectory(path)
            let stores = try directory.openStores { _ in }
            var ids: [BlobID] = []
            for number in 0..<count {
                let image = Picture.gif(sizeBytes: 100 + number, UInt8(number))
                ids.append(try stores.services.keep(image, firstUpload: wallClock().seconds))
            }
            try stores.catalog.close()
            stores.blobs.close()
            directory.close()
            try body(path, ids)
        }
    }

    private func verify(_ path: String) throws -> (isClean: Bool, lines: [String]) {
        let lines = Lines()
        let isClean = try Maintenance.verify(dataDirectory: path) { lines.add($0) }
        return (isClean, lines.all)
    }

    private func rebuild(_ path: String) throws -> [String] {
        let lines = Lines()
        try Maintenance.rebuild(dataDirectory: path) { lines.add($0) }
        return lines.all
    }

    private func stats(_ path: String) throws -> [String] {
        let lines = Lines()
        try Maintenance.stats(dataDirectory: path) { lines.add($0) }
        return lines.all
    }

    private func place(_ id: BlobID, in path: String) -> String {
        BlobLayout(dataDirectory: path).path(of: id)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let files = SystemFileSystem()
        let file = try files.open(path, [.write, .create, .truncate], permissions: 0o600)
        defer { files.close(file) }
        try files.write(file, bytes.span, at: 0)
    }

    private func makeDirectory(_ path: String) throws(UVError) {
        do throws(UVError) {
            try SystemFileSystem().makeDirectory(path, permissions: 0o700)
        } catch .exists {
            return  // another image's digest begins alike
        }
    }

    @Test func `a sound directory verifies, and its numbers are told`() throws {
        try withImages { path, _ in
            let (isClean, lines) = try verify(path)
            #expect(isClean)
            #expect(
                lines == [
                    "3 files read, 0 damaged, 0 missing, 0 not in the catalog, "
                        + "0 that are no images of ours"
                ]
            )
        }
    }

    @Test func `each kind of damage is named, with the image it hit`() throws {
        try withImages(4) { path, ids in
            let files = SystemFileSystem()
            try files.remove(place(ids[0], in: path))
            try write(Picture.gif(sizeBytes: 100, 99), to: place(ids[1], in: path))
            let stray = Picture.gif(sizeBytes: 77, 77)
            let strayBlob = MemoryBlobStore(capacityBytes: 1_000) { 0 }.makeIncoming()
            try strayBlob.append(stray.span)
            let strayID = try strayBlob.seal()
            let strayDirectory = "\(path)/blobs/\(strayID.hex.prefix(2))"
            try makeDirectory(strayDirectory)
            try write(stray, to: place(strayID, in: path))
            try write([1], to: "\(path)/blobs/readme.txt")
            let (isClean, lines) = try verify(path)
            #expect(!isClean)
            #expect(lines.contains { $0.hasPrefix("missing \(ids[0])") })
            #expect(lines.contains { $0.hasPrefix("damaged \(ids[1]): its bytes have the digest") })
            #expect(lines.contains { $0.hasPrefix("untracked \(strayID)") })
            #expect(lines.contains { $0.hasPrefix("foreign") && $0.contains("readme.txt") })
            #expect(lines.count == 5)
        }
    }

    @Test func `a rebuilt catalog has every sound image, and nothing else`() throws {
        try withImages(4) { path, ids in
            let before = try stats(path)
            try write([1, 2, 3], to: place(ids[1], in: path))
            for name in try SystemFileSystem().list(path)
            where name == "snapshot" || name.hasPrefix("journal") {
                try SystemFileSystem().remove("\(path)/\(name)")
            }
            let lines = try rebuild(path)
            #expect(lines.contains { $0.hasPrefix("left out: ") && $0.contains(ids[1].hex) })
            #expect(lines.last == "3 images and 0 upload links in the new catalog")
            let (isClean, found) = try verify(path)
            #expect(!isClean)
            // The damaged file is still there for whoever wants to save it.
            #expect(found.contains { $0.hasPrefix("untracked \(ids[1])") })
            let after = try stats(path)
            #expect(after != before)
            #expect(after.count == 1 && after[0].contains(":3}"))
            #expect(after[0].contains(#""Most Popular Image Format":"GIF""#))
        }
    }

    @Test func `a catalog that is damaged is refused, rebuilt, and then whole`() throws {
        try withImages { path, _ in
            let snapshot = path + "/snapshot"
            try write([UInt8](repeating: 0xA5, count: 40), to: snapshot)
            do throws(ServerError) {
                _ = try Maintenance.verify(dataDirectory: path) { _ in }
                Issue.record("a damaged catalog was verified")
            } catch {
                #expect(error.code == .damaged)
                #expect(error.message.contains("image-service rebuild"))
            }
            _ = try rebuild(path)
            #expect(try verify(path).isClean)
        }
    }

    @Test func `a file that is no image stays out of the catalog and in its place`() throws {
        try withImages(1) { path, _ in
            let text = Array("hello".utf8)
            let blob = MemoryBlobStore(capacityBytes: 1_000) { 0 }.makeIncoming()
            try blob.append(text.span)
            let id = try blob.seal()
            try makeDirectory("\(path)/blobs/\(id.hex.prefix(2))")
            try write(text, to: place(id, in: path))
            let lines = try rebuild(path)
            #expect(lines.contains { $0.hasPrefix("left out \(id): ") })
            #expect(lines.last == "1 images and 0 upload links in the new catalog")
            #expect(try SystemFileSystem().status(of: place(id, in: path)).sizeBytes == 5)
        }
    }

    /// A catalog without an image whose file was there all the time would be a silent loss.
    @Test func `a rebuild during which any one read fails leaves out no image`() throws {
        let files = MemoryFileSystem()
        let image = Picture.gif(sizeBytes: 100)
        let directory = try DataDirectory("/data", fileSystem: files)
        let stores = try directory.openStores { _ in }
        let receipt = try stores.services.put(image)
        let id = receipt.ids[0]
        stores.blobs.confirm(receipt)
        try stores.catalog.close()
        stores.blobs.close()
        directory.close()
        var failureCount = 0
        for number in 0... {
            let disk = files.copy()
            disk.fail(.only(number))
            var hasFailed = false
            do throws(ServerError) {
                try Maintenance.rebuild(dataDirectory: "/data", fileSystem: disk) { _ in }
            } catch {
                hasFailed = true
                failureCount += 1
            }
            let isOver = disk.askedCount <= number
            disk.fail(nil)
            // Only what says that it has worked has to be complete.
            if hasFailed {
                try Maintenance.rebuild(dataDirectory: "/data", fileSystem: disk) { _ in }
            }
            let catalog = try MemoryCatalog(path: "/data", fileSystem: disk) { 0 }
            #expect(catalog.contains(id))
            try catalog.close()
            if isOver { break }
        }
        #expect(failureCount > 250)
    }

    /// Somebody copied them there, and the power fails after the catalog was made.
    @Test(arguments: [1, 3, 4, 65])
    func `a rebuilt catalog has only images whose bytes are on the disk`(count: Int) throws {
        let files = MemoryFileSystem()
        let directory = try DataDirectory("/data", fileSystem: files)
        let stores = try directory.openStores { _ in }
        try stores.catalog.close()
        stores.blobs.close()
        directory.close()
        var images: [BlobID: [UInt8]] = [:]
        for number in 0..<count {
            let image = Picture.gif(sizeBytes: 2_000 + number, UInt8(number))
            let blob = MemoryBlobStore(capacityBytes: 10_000) { 0 }.makeIncoming()
            try blob.append(image.span)
            let id = try blob.seal()
            let file = try files.open(
                place(id, in: "/data"),
                [.write, .create],
                permissions: 0o600
            )
            try files.write(file, image.span, at: 0)
            files.close(file)
            images[id] = image
        }
        try Maintenance.rebuild(dataDirectory: "/data", fileSystem: files) { _ in }
        #expect(files.openFileCount == 0)
        files.crash(.nothing)
        let catalog = try MemoryCatalog(path: "/data", fileSystem: files) { 0 }
        #expect(Set(catalog.images.map(\.id)) == Set(images.keys))
        for (id, image) in images {
            #expect(files.content(of: place(id, in: "/data")) == image)
        }
        try catalog.close()
    }

    @Test func `a rebuild changes nothing when bytes that it found cannot be flushed`() throws {
        let files = MemoryFileSystem()
        try files.keepOneImage(in: "/data")
        let before = try files.list("/data").sorted()
        files.fail(.kinds([.synchronizeData]))
        #expect(throws: ServerError.self) {
            try Maintenance.rebuild(dataDirectory: "/data", fileSystem: files) { _ in }
        }
        files.fail(nil)
        #expect(try files.list("/data").sorted() == before)
        #expect(files.openFileCount == 0)
    }

    /// An upload failed when its name was to be made durable, and could not be taken back: a whole
    /// file stands there, which a rebuild finds and a power cut would take away.
    @Test func `a rebuilt catalog has no image that the next power cut takes away`() throws {
        let empty = MemoryFileSystem()
        let image = Picture.gif(sizeBytes: 100)
        let directory = try DataDirectory("/data", fileSystem: empty)
        let stores = try directory.openStores { _ in }
        let blob = stores.blobs.makeIncoming()
        try blob.append(image.span)
        let id = try blob.seal()
        empty.fail(.kinds([.synchronize, .remove]))
        #expect(throws: BlobStoreError.self) {
            let _: PutReceipt = try waitFor { stores.blobs.put([blob], on: $0, completion: $1) }
        }
        empty.fail(nil)
        try stores.catalog.close()
        stores.blobs.close()
        directory.close()
        try Maintenance.rebuild(dataDirectory: "/data", fileSystem: empty) { _ in }
        empty.crash(.nothing)
        let catalog = try MemoryCatalog(path: "/data", fileSystem: empty) { 0 }
        #expect(catalog.contains(id))
        #expect(empty.content(of: place(id, in: "/data")) == image)
        try catalog.close()
    }

    @Test func `nothing is done beside a running service`() throws {
        try withImages(1) { path, _ in
            let running = try DataDirectory(path)
            #expect(throws: ServerError.self) { _ = try verify(path) }
            #expect(throws: ServerError.self) { _ = try rebuild(path) }
            #expect(throws: ServerError.self) { _ = try stats(path) }
            running.close()
            #expect(try verify(path).isClean)
        }
    }

    @Test func `a directory without a service's data is not turned into one`() throws {
        try TemporaryDirectory.with { path in
            let missing = path + "/missing"
            #expect(throws: ServerError.self) { _ = try verify(missing) }
            #expect(throws: ServerError.self) { _ = try rebuild(missing) }
            #expect(throws: ServerError.self) { _ = try stats(missing) }
            let names = try SystemFileSystem().list(path)
            #expect(names == [])
        }
    }
}
