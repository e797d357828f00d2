internal import BlobStore
internal import Catalog
internal import UV

/// Finds out whether uploads can be kept, once for all who ask at the same time: whether files can
/// be written, and whether the catalog takes changes.
///
/// Asking needs no key, and the answer costs the disk a file: a loop has one such question under
/// way at most.
final class ReadinessCheck {
    private var waiting: [(Bool) -> Void] = []

    /// Asks.
    ///
    /// - Parameters:
    ///   - services: the stores that have to be writable.
    ///   - worker: whose loop to answer on, and whose log is told what is wrong.
    ///   - completion: called with the answer.
    func ask(
        _ services: Services,
        on worker: Worker,
        completion: @escaping (Bool) -> Void
    ) {
        waiting.append(completion)
        guard waiting.count == 1 else { return }
        services.blobs.probeWritable(on: worker.loop) { [self] result in
            if case .failure(let error) = result {
                _ = worker.problem(error)
                return answer(false)
            }
            services.catalog.probeWritable(on: worker.loop) { [self] result in
                if case .failure(let error) = result {
                    _ = worker.problem(error)
                    return answer(false)
                }
                answer(true)
            }
        }
    }

    private func answer(_ isWritable: Bool) {
        let all = waiting
        waiting = []
        for completion in all { completion(isWritable) }
    }
}
