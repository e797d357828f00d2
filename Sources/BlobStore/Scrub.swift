package import Bytes
package import UV

/// A walk over all blobs that reads each one again and compares it with its name and with what the
/// catalog knows.
///
/// Blocks, for as long as reading every byte of the store takes; for a command or a worker. Memory
/// is bounded by the ids of one directory, 1/256 of all. Nothing is changed. While uploads are
/// committed, blobs that are not in the catalog yet show up as untracked.
package struct Scrub: Sendable {
    /// What is wrong with a file.
    package enum Damage: Sendable {
        /// Its bytes have another digest.
        case otherContent(BlobID)
        /// It is a directory, a symbolic link or the like.
        case notAFile
        /// The system could not read it.
        case unreadable(BlobStoreError)
    }

    /// One thing that is not as it should be.
    package enum Finding: Sendable {
        /// The catalog knows it, the store does not have it.
        case missing(BlobID)
        /// The catalog knows it, and its file is not what it was.
        case damaged(BlobID, Damage)
        /// The store has it, the catalog does not know it.
        case untracked(BlobID, Damage?)
        /// A name below `blobs/` that the store does not make.
        case foreign(path: String)
    }

    /// How far the walk has come, and what it has found.
    package struct Summary: Hashable, Sendable {
        /// Blobs read completely.
        package var readCount = 0
        /// Bytes read.
        package var readBytes: UInt64 = 0
        /// Blobs known and missing.
        package var missingCount = 0
        /// Blobs known and damaged.
        package var damagedCount = 0
        /// Blobs not known.
        package var untrackedCount = 0
        /// Names that are no blob's.
        package var foreignCount = 0

        /// Whether each known blob is there and whole, and nothing else is.
        package var isClean: Bool {
            missingCount == 0 && damagedCount == 0 && untrackedCount == 0 && foreignCount == 0
        }
    }

    private let layout: BlobLayout
    private let fileSystem: any FileSystem
    private let memory: LargeMemory

    /// Prepares a walk.
    ///
    /// - Parameters:
    ///   - dataDirectory: the store's data directory.
    ///   - fileSystem: what it is on.
    ///   - memory: what files are read into comes from here.
    package init(
        dataDirectory: String,
        fileSystem: any FileSystem,
        memory: LargeMemory = LargeMemory()
    ) {
        self.memory = memory
        layout = BlobLayout(dataDirectory: dataDirectory)
        self.fileSystem = fileSystem
    }

    /// Walks over all blobs.
    ///
    /// - Parameters:
    ///   - known: gives the ids that the catalog has with a first byte, in any order, each once;
    ///     asked once for each byte, in ascending order.
    ///   - found: is told each finding as it is made.
    ///   - progress: is told after each file that was read.
    /// - Returns: the totals.
    /// - Throws: `io` and the like when a directory cannot be listed; `outOfMemory`. A file that
    ///   cannot be read is a finding, not an error.
    package func run(
        known: (UInt8) -> [BlobID],
        found: (Finding) -> Void,
        progress: (Summary) -> Void
    ) throws(BlobStoreError) -> Summary {
        let piece = try memory.hashPiece()
        var summary = Summary()
        guard try isOwnDirectory(layout.blobsDirectory) != false else {
            throw BlobStoreError(
                .corrupted,
                "\(layout.blobsDirectory) is not a directory, or a symbolic link to one; "
                    + "none is followed in the data directory"
            )
        }
        try foreign(in: layout.blobsDirectory, isOurs: isDirectoryName) { path in
            summary.count(.foreign(path: path), found)
        }
        for firstByte in UInt8.min...UInt8.max {
            var missing = Set(known(firstByte))
            let directory = layout.directory(firstByte)
            let isOurs = try isOwnDirectory(directory)
            if isOurs == false { summary.count(.foreign(path: directory), found) }
            for name in isOurs == true ? try names(in: directory).sorted() : [] {
                guard let id = layout.id(of: name, inDirectory: firstByte) else {
                    let path = layout.directory(firstByte) + "/" + name
                    summary.count(.foreign(path: path), found)
                    continue
                }
                let isKnown = missing.remove(id) != nil
                switch (isKnown, damage(of: id, piece, &summary)) {
                case (true, nil): break
                case (true, let damage?): summary.count(.damaged(id, damage), found)
                case (false, let damage): summary.count(.untracked(id, damage), found)
                }
                progress(summary)
            }
            for id in missing.sorted() { summary.count(.missing(id), found) }
        }
        return summary
    }

    private func damage(of id: BlobID, _ piece: Buffer, _ summary: inout Summary) -> Damage? {
        let path = layout.path(of: id)
        do throws(BlobStoreError) {
            let (actual, sizeBytes) = try BlobFile.hash(path, on: fileSystem, piece: piece)
            summary.readCount += 1
            summary.readBytes += sizeBytes
            return actual == id ? nil : .otherContent(actual)
        } catch {
            return error.code == .corrupted ? .notAFile : .unreadable(error)
        }
    }

    private func foreign(
        in directory: String,
        isOurs: (String) -> Bool,
        _ body: (String) -> Void
    ) throws(BlobStoreError) {
        for name in try names(in: directory).sorted() where !isOurs(name) {
            body(directory + "/" + name)
        }
    }

    private func isDirectoryName(_ name: String) -> Bool {
        let digits = Array(name.utf8)
        return digits.count == 2 && digits.allSatisfy { Hex.value(ofLowerCaseDigit: $0) != nil }
    }

    /// Tells whether a path is a directory and not a symbolic link to one, which somebody else made
    /// and listing would follow; `nil` when nothing is there, so that its blobs show as missing.
    private func isOwnDirectory(_ path: String) throws(BlobStoreError) -> Bool? {
        do throws(UVError) {
            return try fileSystem.status(of: path).kind == .directory
        } catch .notFound {
            return nil
        } catch {
            throw BlobStoreError("looking at \(path)", error)
        }
    }

    private func names(in directory: String) throws(BlobStoreError) -> [String] {
        do throws(UVError) {
            return try fileSystem.list(directory)
        } catch .notFound {
            return []
        } catch {
            throw BlobStoreError("listing \(directory)", error)
        }
    }
}

extension Scrub.Summary {
    fileprivate mutating func count(
        _ finding: Scrub.Finding,
        _ found: (Scrub.Finding) -> Void
    ) {
        switch finding {
        case .missing: missingCount += 1
        case .damaged: damagedCount += 1
        case .untracked: untrackedCount += 1
        case .foreign: foreignCount += 1
        }
        found(finding)
    }
}
