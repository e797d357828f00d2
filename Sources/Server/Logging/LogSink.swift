internal import Bytes
internal import Logging
package import UV

/// Writes log lines from a thread of its own, so that no loop ever waits for whoever reads the log.
///
/// ```
/// loops ──submit──▶ bounded queue ──▶ thread "log" ──one write a batch──▶ stdout, stderr
///                        └─ full: the line is dropped and counted
/// ```
/// Lines of one stream keep their order. When lines were dropped, a line on stderr says how many as
/// soon as there is room again: a gap in the log is visible as one.
package final class LogSink: Sendable {
    /// The most bytes that wait to be written: some ten thousand lines, a second of a busy
    /// server's.
    ///
    /// Beyond that the reader is stuck, and keeping more would only move the loss into our memory.
    package static let queueBytesMax = 4 << 20

    /// Takes lines to where they are read; may block.
    package typealias Output = @Sendable (StandardStream, [UInt8]) -> Void

    /// Whole lines, which stay together.
    private struct Lines: Sendable {
        let stream: StandardStream
        let bytes: [UInt8]
    }

    /// What the submitting threads and the writing one share.
    private final class Queue: Sendable {
        struct State {
            var queuedBytes = 0
            var droppedCount = 0
            var isFlushed = false
        }

        let state = Lock(State())
    }

    private let queue = Queue()
    private let thread: BatchThread<Lines>
    private let queueBytesMax: Int
    private let output: Output

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - format: how the notice about dropped lines looks.
    ///   - queueBytesMax: the most bytes that wait to be written.
    ///   - output: where the lines go.
    /// - Throws: what starting the thread answered.
    package init(
        format: LogFormat,
        queueBytesMax: Int = LogSink.queueBytesMax,
        output: @escaping Output = LogSink.standardOutput
    ) throws(UVError) {
        self.queueBytesMax = queueBytesMax
        self.output = output
        let queue = queue
        thread = try BatchThread(name: "log") { lines in
            Self.write(lines, of: queue, format: format, to: output)
        }
    }

    /// Writes to the process's own streams.
    ///
    /// A failing write is let go: the log was the place to say so.
    package static let standardOutput: Output = { stream, bytes in
        do throws(UVError) { try stream.write(bytes.span) } catch { return }
    }

    /// Queues lines; from any thread, without waiting.
    ///
    /// After `flush` they are written at once instead: what is said at the very end is said, too.
    ///
    /// - Parameters:
    ///   - lines: one or more lines with their line feeds; kept or dropped together.
    ///   - stream: where they belong.
    package func submit(_ lines: [UInt8], to stream: StandardStream) {
        // Under the lock, because nothing may be submitted to the thread after its end. Both locks
        // are held for a few instructions only.
        let isFlushed = queue.state.withLock { state in
            if state.isFlushed { return true }
            guard state.queuedBytes + lines.count <= queueBytesMax else {
                state.droppedCount += lines.count { $0 == UInt8(ascii: "\n") }
                return false
            }
            state.queuedBytes += lines.count
            thread.submit(Lines(stream: stream, bytes: lines))
            return false
        }
        if isFlushed { output(stream, lines) }
    }

    /// Writes what is queued and ends the thread; blocks until that is done.
    ///
    /// Harmless twice.
    package func flush() {
        queue.state.withLock { $0.isFlushed = true }
        thread.finish()
    }

    private static func write(
        _ lines: [Lines],
        of queue: Queue,
        format: LogFormat,
        to output: Output
    ) {
        for stream in [StandardStream.output, .error] {
            var batch: [UInt8] = []
            for line in lines where line.stream == stream { batch.append(contentsOf: line.bytes) }
            if !batch.isEmpty { output(stream, batch) }
        }
        let writtenBytes = lines.reduce(0) { $0 + $1.bytes.count }
        let droppedCount = queue.state.withLock { state in
            state.queuedBytes -= writtenBytes
            defer { state.droppedCount = 0 }
            return state.droppedCount
        }
        guard droppedCount > 0 else { return }
        let notice = ServiceRecord(
            time: .now,
            level: .warning,
            label: "log",
            message: "lines were dropped, because the log is read too slowly",
            metadata: [("count", "\(droppedCount)")]
        )
        output(.error, notice.encode(format))
    }
}

extension Timestamp {
    /// The present moment.
    package static var now: Timestamp {
        let (seconds, microseconds) = wallClock()
        return Timestamp(milliseconds: seconds * 1_000 + Int64(microseconds) / 1_000)
    }
}
