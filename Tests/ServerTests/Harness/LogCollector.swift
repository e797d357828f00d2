@testable internal import Server
internal import UV

/// Collects what a sink writes.
///
/// A test can act within a write, on the sink's own thread: there the reader is as stuck as can be.
final class LogCollector: Sendable {
    private let written = Lock<[(stream: StandardStream, text: String)]>([])
    private let onWrite: @Sendable (Int) -> Void

    /// - Parameter onWrite: called before each write with its number, the first is 1.
    init(onWrite: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.onWrite = onWrite
    }

    var output: LogSink.Output {
        { stream, bytes in
            self.onWrite(self.written.withLock { $0.count } + 1)
            self.written.withLock { $0.append((stream, String(decoding: bytes, as: UTF8.self))) }
        }
    }

    func text(of stream: StandardStream) -> String {
        written.withLock { $0.filter { $0.stream == stream }.map(\.text).joined() }
    }
}
