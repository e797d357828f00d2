internal import Server
internal import Testing
internal import UV

@Suite(.timeLimit(.minutes(10))) struct LogSinkTests {
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

    @Test func `a stuck reader stops nobody, and what is dropped is counted`() async throws {
        let holder = Lock<LogSink?>(nil)
        // Sink, collector and holder would hold each other for ever.
        defer { holder.withLock { $0 = nil } }
        let (writes, continuation) = AsyncStream.makeStream(of: Int.self)
        let collector = LogCollector { write in
            defer { continuation.yield(write) }
            guard write == 1, let sink = holder.withLock({ $0 }) else { return }
            // Six bytes of room are left: one line fits to the byte, the next two do not.
            sink.submit(Array("12345\n".utf8), to: .output)
            sink.submit(Array("\n".utf8), to: .output)
            sink.submit(Array("x\n".utf8), to: .error)
        }
        let sink = try LogSink(format: .text, queueBytesMax: 10, output: collector.output)
        holder.withLock { $0 = sink }
        sink.submit(bytes("123\n"), to: .output)
        for await write in writes where write == 1 { break }
        sink.flush()
        #expect(collector.text(of: .output) == "123\n12345\n")
        let notice = collector.text(of: .error)
        #expect(notice.contains(" warning log: lines were dropped"))
        #expect(notice.hasSuffix(" count=\"2\"\n"))
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

    @Test func `room comes back when lines are written`() async throws {
        let holder = Lock<LogSink?>(nil)
        // Sink, collector and holder would hold each other for ever.
        defer { holder.withLock { $0 = nil } }
        let (writes, continuation) = AsyncStream.makeStream(of: Int.self)
        let collector = LogCollector { write in
            defer { continuation.yield(write) }
            guard let sink = holder.withLock({ $0 }) else { return }
            if write == 1 { sink.submit(Array("12345\n".utf8), to: .output) }
            // The second write began, so the four bytes of the first have room again.
            if write == 2 { sink.submit(Array("abc\n".utf8), to: .output) }
        }
        let sink = try LogSink(format: .json, queueBytesMax: 10, output: collector.output)
        holder.withLock { $0 = sink }
        sink.submit(bytes("123\n"), to: .output)
        for await write in writes where write == 2 { break }
        sink.flush()
        #expect(collector.text(of: .output) == "123\n12345\nabc\n")
        #expect(collector.text(of: .error).isEmpty)
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
