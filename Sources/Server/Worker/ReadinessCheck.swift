internal import BlobStore
internal import UV

/// Finds out whether files can be written, at most once a second however many ask.
///
/// Asking needs no key, and the answer costs the disk a file: it is shared.
final class ReadinessCheck {
    /// How long an answer holds, in milliseconds.
    static let holdsMilliseconds: UInt64 = 1_000

    private var answer: (isWritable: Bool, until: UInt64)?
    private var waiting: [(Bool) -> Void] = []

    /// Asks.
    ///
    /// - Parameters:
    ///   - blobs: the store that has to be writable.
    ///   - worker: whose loop to answer on, and whose log is told what is wrong.
    ///   - completion: called with the answer, at once when one holds.
    func ask(
        _ blobs: any BlobStore,
        on worker: Worker,
        completion: @escaping (Bool) -> Void
    ) {
        if let answer, worker.loop.now < answer.until {
            completion(answer.isWritable)
            return
        }
        waiting.append(completion)
        guard waiting.count == 1 else { return }
        blobs.probeWritable(on: worker.loop) { [self] result in
            var isWritable = true
            if case .failure(let error) = result {
                isWritable = false
                _ = worker.problem(error)
            }
            answer = (isWritable, worker.loop.now + Self.holdsMilliseconds)
            let all = waiting
            waiting = []
            for completion in all { completion(isWritable) }
        }
    }
}
