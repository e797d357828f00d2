internal import BlobStore
internal import Bytes
internal import Catalog
internal import ImageFormat
package import UV

/// What is done to a data directory while the service is stopped.
///
/// Each command takes the directory's lock, so that none runs beside the service, and tells what it
/// found line by line.
package enum Maintenance {
    /// Re-hashes every file against its name and the catalog.
    ///
    /// It begins as a start of the service does: what unfinished uploads left is removed first.
    ///
    /// - Parameters:
    ///   - dataDirectory: the path.
    ///   - fileSystem: where it is.
    ///   - output: gets a line for each finding and one at the end.
    /// - Returns: whether every image is there and whole, and nothing else is.
    /// - Throws: `ServerError`, when the directory or the catalog cannot be used.
    package static func verify(
        dataDirectory: String,
        fileSystem: any FileSystem = SystemFileSystem(),
        output: @escaping @Sendable (String) -> Void
    ) throws(ServerError) -> Bool {
        let directory = try DataDirectory(dataDirectory, fileSystem: fileSystem, creates: false)
        defer { directory.close() }
        let stores = try directory.openStores(log: output)
        defer { close(stores) }
        var known = [[BlobID]](repeating: [], count: 256)
        for image in stores.catalog.images { known[Int(image.id.firstByte)].append(image.id) }
        let scrub = Scrub(dataDirectory: dataDirectory, fileSystem: fileSystem)
        do throws(BlobStoreError) {
            let summary = try scrub.run(
                known: { known[Int($0)] },
                found: { output(describe($0)) },
                progress: { _ in }
            )
            output(
                "\(summary.readCount) files read, \(summary.damagedCount) damaged, "
                    + "\(summary.missingCount) missing, "
                    + "\(summary.untrackedCount) not in the catalog, "
                    + "\(summary.foreignCount) that are no images of ours"
            )
            return summary.isClean
        } catch {
            throw ServerError(.dataDirectory, "\(error)")
        }
    }

    private static func describe(_ finding: Scrub.Finding) -> String {
        switch finding {
        case .missing(let id): "missing \(id): the catalog has it, no file does"
        case .damaged(let id, let damage): "damaged \(id): \(describe(damage))"
        case .untracked(let id, nil): "untracked \(id): not in the catalog"
        case .untracked(let id, let damage?): "untracked \(id): \(describe(damage))"
        case .foreign(let path): "foreign \(path): not made by the service"
        }
    }

    /// Puts damage into words.
    ///
    /// - Parameter damage: what is wrong with a file.
    /// - Returns: a sentence without its subject.
    static func describe(_ damage: Scrub.Damage) -> String {
        switch damage {
        case .otherContent(let id): "its bytes have the digest \(id)"
        case .notAFile: "it is not a regular file"
        case .unreadable(let error): "\(error)"
        }
    }

    /// Makes the catalog anew from the files.
    ///
    /// Files whose bytes do not match their name, or that are no images, are left where they are
    /// and not taken into the catalog. An image's first upload is when its file was written.
    ///
    /// - Parameters:
    ///   - dataDirectory: the path.
    ///   - fileSystem: where it is.
    ///   - output: gets a line for each file left out and one at the end.
    /// - Throws: `ServerError`, when the directory cannot be used.
    package static func rebuild(
        dataDirectory: String,
        fileSystem: any FileSystem = SystemFileSystem(),
        output: (String) -> Void
    ) throws(ServerError) {
        let directory = try DataDirectory(dataDirectory, fileSystem: fileSystem, creates: false)
        defer { directory.close() }
        let layout = BlobLayout(dataDirectory: dataDirectory)
        var images: [ImageRecord] = []
        var unreadableCount = 0
        do throws(BlobStoreError) {
            // Without a catalog every sound file counts as untracked, and each is given out once.
            let scrub = Scrub(dataDirectory: dataDirectory, fileSystem: fileSystem)
            _ = try scrub.run(
                known: { _ in [] },
                found: { finding in
                    guard case .untracked(let id, nil) = finding else {
                        if case .untracked(_, .unreadable) = finding { unreadableCount += 1 }
                        output("left out: \(describe(finding))")
                        return
                    }
                    switch StoredImageFile.read(layout.path(of: id), id, on: fileSystem) {
                    case .success(let image): images.append(image)
                    case .failure(let error):
                        if error.code == .system { unreadableCount += 1 }
                        output("left out \(id): \(error.message)")
                    }
                },
                progress: { _ in }
            )
        } catch {
            throw ServerError(.dataDirectory, "\(error)")
        }
        guard unreadableCount == 0 else {
            throw ServerError(
                .dataDirectory,
                "\(unreadableCount) files could not be read, which may pass: nothing was changed; "
                    + "see to the disk and the rights, and run it again"
            )
        }
        do throws(BlobStoreError) {
            // The new catalog promises these files, so they have to be durable before it is.
            try layout.makeDurable(images.map(\.id), on: fileSystem)
        } catch {
            throw ServerError(.dataDirectory, "\(error)")
        }
        do throws(CatalogError) {
            let summary = try Rebuild.run(
                path: dataDirectory,
                fileSystem: fileSystem,
                images: images,
                now: wallClock().seconds
            )
            for loss in summary.losses { output("lost: \(loss.message)") }
            output("\(summary.images) images and \(summary.links) upload links in the new catalog")
        } catch {
            throw ServerError(.dataDirectory, "\(error)")
        }
    }

    /// Prints the statistics of the catalog.
    ///
    /// - Parameters:
    ///   - dataDirectory: the path.
    ///   - output: gets the JSON that `/api/stats` would answer.
    /// - Throws: `ServerError`, when the directory or the catalog cannot be used.
    package static func stats(
        dataDirectory: String,
        output: @escaping @Sendable (String) -> Void
    ) throws(ServerError) {
        let directory = try DataDirectory(dataDirectory, creates: false)
        defer { directory.close() }
        let stores = try directory.openStores { _ in }
        defer { close(stores) }
        try withLoop { loop in
            let today = ImageRecord.day(of: wallClock().seconds)
            stores.catalog.statistics(today: today, on: loop) { result in
                if case .success(let statistics) = result {
                    output(String(decoding: StatsEndpoint.summary(statistics), as: UTF8.self))
                }
            }
        }
    }

    private static func close(_ stores: OpenStores) {
        stores.blobs.close()
        do throws(ServerError) {
            try withLoop { loop in stores.catalog.close(on: loop) { _ in } }
        } catch {
            // Without a loop the catalog stays as its journal has it, which is complete.
            return
        }
    }

    private static func withLoop(_ body: (Loop) -> Void) throws(ServerError) {
        do throws(UVError) {
            let loop = try Loop()
            body(loop)
            loop.run()
        } catch {
            throw ServerError(.system, "the system refused a loop: \(error)")
        }
    }
}

extension BlobID {
    /// The first byte of the digest, by which files are spread over directories.
    fileprivate var firstByte: UInt8 { UInt8(truncatingIfNeeded: words.first >> 56) }
}
