internal import UV

/// An open blob of a store of files.
final class FileOpenBlob: OpenBlob {
    let sizeBytes: UInt64
    let prefetched: Buffer
    let prefetchedCount: Int
    /// `nil` from the start when the prefetch has read all there is: most images are open for just
    /// one trip to the pool.
    private var file: BlobFile?

    /// What the trip to the pool brings back.
    struct Opened: Sendable {
        let sizeBytes: UInt64
        let prefetched: Buffer
        let prefetchedCount: Int
        let file: BlobFile?
    }

    init(_ opened: Opened) {
        sizeBytes = opened.sizeBytes
        prefetched = opened.prefetched
        prefetchedCount = opened.prefetchedCount
        file = opened.file
    }

    func read(
        _ range: Range<UInt64>,
        into buffer: Buffer,
        on loop: Loop,
        completion: @escaping (Result<Int, BlobStoreError>) -> Void
    ) {
        precondition(range.upperBound <= sizeBytes, "a read beyond the end of the blob")
        precondition(range.count <= buffer.capacity, "a read that does not fit its buffer")
        guard !range.isEmpty else {
            return loop.enqueue { completion(.success(0)) }
        }
        guard let file else {
            // All bytes are at hand.
            precondition(prefetchedCount == Int(sizeBytes), "a read after close")
            let part = Int(range.lowerBound)..<Int(range.upperBound)
            let source = prefetched
            buffer.copy(source.span.extracting(part), to: 0)
            return loop.enqueue { completion(.success(part.count)) }
        }
        loop.work {
            do throws(BlobStoreError) {
                return .success(try file.read(range, into: buffer))
            } catch {
                return .failure(error)
            }
        } completion: { (result: Result<Int, BlobStoreError>) in
            completion(result)
        }
    }

    func close() { file = nil }
}

@available(*, unavailable)
extension FileOpenBlob: Sendable {}
