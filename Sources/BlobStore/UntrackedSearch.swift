package import Bytes
internal import Synchronization
internal import UV

/// Looks for blobs that have stood in the store for a while and that nobody knows.
///
/// ```
/// step: blobs/00 ─▶ step: blobs/01 ─▶ … ─▶ step: blobs/ff ─▶ nil
///       └ names ─▶ known? ─▶ old enough? ─▶ still not known?
/// ```
/// Each step blocks for one directory only, and between any two of its names it can be stopped, so
/// that neither the end of the process nor anything else waits for a store of any size. Memory is
/// bounded by the names of one directory, 1/256 of all. Nothing is changed.
package final class UntrackedSearch: Sendable {
    private let layout: BlobLayout
    private let fileSystem: any FileSystem
    private let oldestSeconds: Int64
    private let isKnown: @Sendable (BlobID) -> Bool
    /// The directory of the next step.
    ///
    /// One step is made at a time; the atomic is how the compiler knows.
    private let nextDirectory = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)

    /// Prepares a search; looks at nothing yet.
    ///
    /// - Parameters:
    ///   - layout: where the blobs are.
    ///   - fileSystem: what they are on.
    ///   - oldestSeconds: seconds since 1970; only what was written before is looked for.
    ///   - isKnown: whether somebody knows a blob; from any thread.
    init(
        _ layout: BlobLayout,
        fileSystem: any FileSystem,
        writtenBefore oldestSeconds: Int64,
        isKnown: @escaping @Sendable (BlobID) -> Bool
    ) {
        self.layout = layout
        self.fileSystem = fileSystem
        self.oldestSeconds = oldestSeconds
        self.isKnown = isKnown
    }

    /// Ends the search, a step under way included; from any thread, returns at once.
    package func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Looks through the next directory; blocks.
    ///
    /// - Returns: what was found there, in ascending order; `nil` after the last directory and once
    ///   it was stopped.
    /// - Throws: what listing the directory answered; the next step goes on with the next one.
    package func step() throws(BlobStoreError) -> [BlobID]? {
        let number = nextDirectory.load(ordering: .relaxed)
        guard number < BlobLayout.fanOut, !isStopped.load(ordering: .relaxed) else { return nil }
        nextDirectory.store(number + 1, ordering: .relaxed)
        let firstByte = UInt8(number)
        let names: [String]
        do throws(UVError) {
            names = try fileSystem.list(layout.directory(firstByte))
        } catch {
            throw BlobStoreError("listing \(layout.directory(firstByte))", error)
        }
        var found: [BlobID] = []
        for name in names {
            if isStopped.load(ordering: .relaxed) { return nil }
            guard let id = layout.id(of: name, inDirectory: firstByte) else { continue }
            // Asked once more in the end: an upload may have come in between.
            if !isKnown(id), wasWrittenBefore(id), !isKnown(id) { found.append(id) }
        }
        return found.sorted()
    }

    private func wasWrittenBefore(_ id: BlobID) -> Bool {
        do throws(UVError) {
            return try fileSystem.status(of: layout.path(of: id)).modifiedSeconds < oldestSeconds
        } catch {
            // Gone meanwhile, or not to be looked at: it is not known to be older.
            return false
        }
    }
}

extension FileBlobStore {
    /// Prepares to look for blobs that nobody knows.
    ///
    /// - Parameters:
    ///   - oldestSeconds: seconds since 1970; younger blobs may belong to uploads under way.
    ///   - isKnown: whether somebody knows a blob; called from any thread.
    /// - Returns: the search; its steps may be made on any thread, one at a time.
    package func untracked(
        writtenBefore oldestSeconds: Int64,
        isKnown: @escaping @Sendable (BlobID) -> Bool
    ) -> UntrackedSearch {
        UntrackedSearch(
            layout,
            fileSystem: fileSystem,
            writtenBefore: oldestSeconds,
            isKnown: isKnown
        )
    }
}
