package import Bytes
package import UV

/// Reads one blob again, a piece at a time, and compares it with its name.
///
/// Each step blocks for one piece only, so that whoever checks a whole store in the background can
/// let others go first between any two of them. Nothing is changed.
package final class BlobCheck: Sendable {
    /// How a step ended.
    package enum Outcome: Sendable {
        /// There is more to read.
        case unfinished
        /// The bytes are those of the name.
        case whole
        /// There is no such file.
        case missing
        /// There is a file, and it is not what it was.
        case damaged(Scrub.Damage)
        /// Nothing can be said now, because the process has no descriptor to spare.
        case postponed(BlobStoreError)
    }

    private struct State: Sendable {
        var hash = ContentHash()
        var offset: UInt64 = 0
        var descriptor: FileDescriptor?
        var isSecondReading = false
    }

    /// The blob.
    package let id: BlobID
    private let path: String
    private let fileSystem: any FileSystem
    /// Touched by one step at a time; the mutex is how the compiler knows.
    private let state = Lock(State())

    /// Prepares a check; opens nothing yet.
    ///
    /// - Parameters:
    ///   - id: the blob.
    ///   - path: its file.
    ///   - fileSystem: what it is on.
    init(_ id: BlobID, path: String, fileSystem: any FileSystem) {
        self.id = id
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Reads the next piece; blocks.
    ///
    /// - Parameter piece: memory to read into; its size is that of the piece.
    /// - Returns: how it ended, and how many bytes were read; no step after any but `unfinished`.
    package func step(_ piece: Buffer) -> (outcome: Outcome, byteCount: Int) {
        state.withLock { state in
            do throws(BlobStoreError) {
                return try step(piece, &state)
            } catch {
                close(&state)
                switch error.code {
                case .notFound: return (.missing, 0)
                case .tooManyOpenFiles, .outOfMemory: return (.postponed(error), 0)
                case .corrupted: return (.damaged(.notAFile), 0)
                case .noSpace, .inUse, .discarded, .io:
                    return (.damaged(.unreadable(error)), 0)
                }
            }
        }
    }

    private func step(
        _ piece: Buffer,
        _ state: inout State
    ) throws(BlobStoreError) -> (Outcome, Int) {
        let file: FileDescriptor
        if let open = state.descriptor {
            file = open
        } else {
            file = try BlobFile.open(path, on: fileSystem).0
            state.descriptor = file
        }
        let count: Int
        do throws(UVError) {
            var span = piece.mutableSpan
            count = try fileSystem.read(file, into: &span, at: state.offset)
        } catch {
            throw BlobStoreError("reading \(path)", error)
        }
        state.hash.update(piece.span.extracting(0..<count))
        state.offset += UInt64(count)
        guard count < piece.capacity else { return (.unfinished, count) }
        let found = state.hash.finish()
        close(&state)
        if found == id { return (.whole, count) }
        guard state.isSecondReading else {
            // An upload of the same image may have replaced a damaged file under this reading.
            state = State(isSecondReading: true)
            return (.unfinished, count)
        }
        return (.damaged(.otherContent(found)), count)
    }

    private func close(_ state: inout State) {
        if let file = state.descriptor.take() { fileSystem.close(file) }
    }

    deinit {
        if let file = state.withLock({ $0.descriptor.take() }) { fileSystem.close(file) }
    }
}

extension FileBlobStore {
    /// Prepares to read a blob again.
    ///
    /// - Parameter id: the blob.
    /// - Returns: the check; its steps may be made on any thread, one at a time.
    package func check(_ id: BlobID) -> BlobCheck {
        BlobCheck(id, path: layout.path(of: id), fileSystem: fileSystem)
    }
}
