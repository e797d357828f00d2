internal import BlobStore
internal import UV

/// Finds out whether files can be written, once for all who ask at the same time.
///
/// Asking needs no key, and the answer costs the disk a file: a loop has one such question under
/// way at most.
final class ReadinessCheck {
    private var waiting: [(Bool) -> Void] = []

    /// Asks.
    ///
    /// - Parameters:
    ///   - blobs: the store that has to be writable.
    ///   - worker: whose loop to answer on, and whose log is told what is wrong.
    ///   - completion: called with the answer.
    func ask(
        _ blobs: any BlobStore,
        on worker: Worker,
        completion: @escaping (Bool) -> Void
    ) {
        waiting.append(completion)
        guard waiting.count == 1 else { return }
        blobs.probeWritable(on: worker.loop) { [self] result in
            var isWritable = true
            if case .failure(let error) = result {
                isWritable = false
                _ = worker.problem(error)
            }
            let all = waiting
            waiting = []
            for completion in all { completion(isWritable) }
        }
    }
}
