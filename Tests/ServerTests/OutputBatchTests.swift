internal import Bytes
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite(.timeLimit(.minutes(10))) struct OutputBatchTests {
    private final class Owner {}

    /// A socket whose peer reads nothing until the test says so.
    private func withPair(_ body: (Loop, _ writer: TCP, _ reader: TCP) throws -> Void) throws {
        try withLoop { loop in
            let listener = try TCP(on: loop)
            try listener.bind(to: SocketAddress(host: "127.0.0.1", port: 0))
            let writer = try TCP(on: loop)
            let reader = try TCP(on: loop)
            var isAccepted = false
            try listener.listen(backlog: 1) { _ in
                do { try listener.accept(into: writer) } catch { Issue.record(error) }
                isAccepted = true
                listener.close()
            }
            var isConnected = false
            reader.connect(to: try #require(listener.localAddress)) { error in
                #expect(error == nil)
                isConnected = true
            }
            loop.run()
            #expect(isAccepted && isConnected)
            try body(loop, writer, reader)
            writer.close()
            loop.run()
        }
    }

    /// Reads to the end, which closes the reader.
    private func readAll(_ loop: Loop, _ reader: TCP) throws -> [UInt8] {
        var received: [UInt8] = []
        let buffer = Buffer(capacity: 64 << 10)
        try reader.startReading(into: { OutputChunk(buffer, 0..<buffer.capacity) }) { event in
            if case .bytes(let buffer, let range) = event {
                received.append(buffer.span.extracting(range))
            } else {
                reader.close()
            }
        }
        loop.run()
        return received
    }

    @Test func `small pieces become one, large ones stay where they lie, in order`() throws {
        try withPair { loop, writer, reader in
            let batch = OutputBatch()
            let large = OutputChunk([UInt8](repeating: 9, count: 5_000))
            batch.append([1, 2].span)
            batch.append([3].span)
            batch.append(large)
            batch.append(OutputChunk([4, 5]))
            batch.append([UInt8]().span)
            #expect(batch.byteCount == 5_005)
            #expect(!batch.isEmpty)
            #expect(try batch.flush(to: writer).isEmpty)
            #expect(batch.isEmpty && batch.byteCount == 0)
            #expect(try batch.flush(to: writer).isEmpty)
            writer.close()
            let received = try readAll(loop, reader)
            #expect(received == [1, 2, 3] + [UInt8](repeating: 9, count: 5_000) + [4, 5])
        }
    }

    @Test func `what the socket does not take at once is handed over and stays as it was`() throws {
        try withPair { loop, writer, reader in
            let batch = OutputBatch()
            var expected: [UInt8] = []
            var waiting: [OutputChunk] = []
            // Fills the socket, and goes on behind it.
            for round in 0..<200 {
                let small = [UInt8](repeating: UInt8(round), count: 1_500)
                let large = Picture.gif(sizeBytes: 100_000, UInt8(round))
                batch.append(small.span)
                batch.append(OutputChunk(large))
                batch.append(small.span)
                expected += small + large + small
                let rest = try batch.flush(to: writer)
                if !rest.isEmpty {
                    waiting = rest
                    break
                }
            }
            let restBytes = waiting.reduce(0) { $0 + $1.range.count }
            #expect(restBytes > 0, "the socket took everything; the test needs more")
            // The scratch is filled anew while the rest still waits.
            batch.append([UInt8](repeating: 255, count: 60_000).span)
            batch.removeAll()
            writer.write(waiting) { error in
                #expect(error == nil)
                writer.close()
            }
            #expect(try readAll(loop, reader) == expected)
        }
    }

    @Test func `more than the scratch holds goes beside it, and nothing is lost`() throws {
        try withPair { loop, writer, reader in
            let batch = OutputBatch()
            let piece = Picture.gif(sizeBytes: OutputBatch.scratchBytes / 4)
            for _ in 0..<6 { batch.append(piece.span) }
            let rest = try batch.flush(to: writer)
            #expect(rest.isEmpty)
            writer.close()
            let expected = piece + piece + piece + piece + piece + piece
            #expect(try readAll(loop, reader) == expected)
        }
    }

    @Test func `a flush is due at the limit of bytes and not one before it`() {
        let batch = OutputBatch()
        let almost = OutputBatch.byteCountMax - 1
        batch.append(OutputChunk(Buffer(capacity: almost), 0..<almost))
        #expect(!batch.isFull)
        batch.append([0].span)
        #expect(batch.isFull)
    }

    @Test func `a flush is due at the limit of chunks and not one before it`() {
        let batch = OutputBatch()
        // Too large to be copied together.
        let chunk = OutputChunk([UInt8](repeating: 1, count: 3_000))
        for _ in 1..<OutputBatch.chunkCountMax { batch.append(chunk) }
        #expect(!batch.isFull)
        batch.append(chunk)
        #expect(batch.isFull)
    }

    @Test func `a socket that is gone is an error, and the batch is empty for the next`() throws {
        try withPair { loop, writer, reader in
            writer.close()
            reader.close()
            let batch = OutputBatch()
            batch.append([1].span)
            #expect(throws: UVError.canceled) { _ = try batch.flush(to: writer) }
            #expect(batch.isEmpty)
        }
    }

    @Test func `one connection after the other may fill it`() {
        let batch = OutputBatch()
        let (first, second) = (Owner(), Owner())
        batch.claimed(by: ObjectIdentifier(first)).append([1].span)
        batch.claimed(by: ObjectIdentifier(first)).append([2].span)
        batch.removeAll()
        batch.claimed(by: ObjectIdentifier(second)).append([3].span)
        #expect(batch.byteCount == 1)
    }

    @Test func `bytes for one client can never be sent to another: that traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let batch = OutputBatch()
            let (first, second) = (Owner(), Owner())
            batch.claimed(by: ObjectIdentifier(first)).append([1].span)
            batch.claimed(by: ObjectIdentifier(second)).append([2].span)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("a connection did not flush its bytes"))
    }
}
