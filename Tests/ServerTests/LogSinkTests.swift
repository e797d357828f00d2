internal import Server
internal import Synchronization
internal import Testing
internal import UV

/// Collects what a sink writes, and can make the writing wait like a stuck reader does.
final class LogCollector: Sendable {
    private let written = Mutex<[(stream: StandardStream, text: String)]>([])
    /// Held by a test to stop the sink's thread within its next write.
    let gate = Mutex(())
    private let writeCount = Atomic(0)

    var output: LogSink.Output {
        { stream, bytes in
            self.writeCount.add(1, ordering: .sequentiallyConsistent)
            self.gate.withLock { _ in }
            self.written.withLock { $0.append((stream, String(decoding: bytes, as: UTF8.self))) }
        }
    }

    /// Waits until the sink's thread is in its first write.
    func waitForWrite() {
        while writeCount.load(ordering: .sequentiallyConsistent) == 0 {}
    }

    func text(of stream: StandardStream) -> String {
        written.withLock { $0.filter { $0.stream == stream }.map(\.text).joined() }
    }
}

@Suite(.timeLimit(.minutes(1))) struct LogSinkTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `lines keep their order and their stream`() throws {
        let collector = LogCollector()
        let sink = try LogSink(format: .text, output: collector.output)
        for i in 0..<1_000 { sink.submit(bytes("\(i)\n"), to: i % 3 == 0 ? .error : .output) }
        sink.flush()
        let lines = { (wanted: (Int) -> Bool) in
            (0..<1_000).filter(wanted).map { "\($0)\n" }.joined()
        }
        #expect(collector.text(of: .error) == lines { $0 % 3 == 0 })
        #expect(collector.text(of: .output) == lines { $0 % 3 != 0 })
    }

    @Test func `a stuck reader stops nobody, and what is dropped is counted`() throws {
        let collector = LogCollector()
        let sink = try LogSink(format: .text, queueBytesMax: 10, output: collector.output)
        collector.gate.withLock { _ in
            sink.submit(bytes("123\n"), to: .output)
            collector.waitForWrite()
            // Six bytes of room are left: one line fits to the byte, the next two do not.
            sink.submit(bytes("12345\n"), to: .output)
            sink.submit(bytes("\n"), to: .output)
            sink.submit(bytes("x\n"), to: .error)
        }
        sink.flush()
        #expect(collector.text(of: .output) == "123\n12345\n")
        let notice = collector.text(of: .error)
        #expect(
            notice.hasSuffix(
                #" warning log: lines were dropped, because the log is read too slowly count="2""#
                    + "\n"
            )
        )
    }

    @Test func `a line is taken at the queue's limit and dropped one byte past it`() throws {
        let collector = LogCollector()
        let sink = try LogSink(format: .text, queueBytesMax: 4, output: collector.output)
        sink.submit(bytes("1234\n"), to: .output)
        sink.submit(bytes("123\n"), to: .output)
        sink.flush()
        #expect(collector.text(of: .output) == "123\n")
        #expect(collector.text(of: .error).contains(#"count="1""#))
    }

    @Test func `room comes back when lines are written`() throws {
        let collector = LogCollector()
        let sink = try LogSink(format: .json, queueBytesMax: 100_000, output: collector.output)
        let line = bytes(String(repeating: "x", count: 99) + "\n")
        for _ in 0..<50 {
            for _ in 0..<100 { sink.submit(line, to: .output) }
            while collector.text(of: .output).utf8.count % 10_000 != 0 {}
        }
        sink.flush()
        #expect(collector.text(of: .output).utf8.count + droppedBytes(collector) == 500_000)
    }

    /// What notices say was dropped, in bytes, for lines of 100.
    private func droppedBytes(_ collector: LogCollector) -> Int {
        let counts = collector.text(of: .error).split(separator: "\n").compactMap { line in
            line.split(separator: #""count":""#).last?.prefix { $0.isNumber }
        }
        return counts.compactMap { Int($0) }.reduce(0, +) * 100
    }

    @Test func `flush writes everything, twice is harmless, and later lines are written at once`()
        throws
    {
        let collector = LogCollector()
        let sink = try LogSink(format: .text, output: collector.output)
        for _ in 0..<100 { sink.submit(bytes("early\n"), to: .output) }
        sink.flush()
        #expect(collector.text(of: .output).utf8.count == 600)
        sink.flush()
        sink.submit(bytes("late\n"), to: .error)
        #expect(collector.text(of: .error) == "late\n")
    }

    @Test func `lines from several threads arrive whole`() async throws {
        let collector = LogCollector()
        let sink = try LogSink(format: .text, output: collector.output)
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    for _ in 0..<500 { sink.submit(Array("thread \(thread)\n".utf8), to: .output) }
                }
            }
        }
        sink.flush()
        let lines = collector.text(of: .output).split(separator: "\n")
        #expect(lines.count == 4_000)
        #expect(Set(lines) == Set((0..<8).map { "thread \($0)" }))
    }
}
