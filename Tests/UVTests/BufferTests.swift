import Bytes
import Testing
import UV

@Suite struct BufferTests {
    @Test func `a fresh buffer is zeroed`() {
        let buffer = Buffer(capacity: 100_000)
        #expect(buffer.capacity == 100_000)
        #expect(buffer.span.copy() == [UInt8](repeating: 0, count: 100_000))
    }

    @Test func `a copy has the bytes and the size of its source`() {
        let buffer = Buffer(copying: [1, 2, 3])
        #expect(buffer.capacity == 3)
        #expect(buffer.span.copy() == [1, 2, 3])
    }

    @Test func `what is written through one view is read through the other`() {
        let buffer = Buffer(capacity: 4)
        var span = buffer.mutableSpan
        span[1] = 7
        span[3] = 9
        #expect(buffer.span.copy() == [0, 7, 0, 9])
    }

    @Test func `copying writes its range and nothing else`() {
        let buffer = Buffer(copying: [9, 9, 9, 9])
        let (few, none, all): ([UInt8], [UInt8], [UInt8]) = ([1, 2], [], [3, 4, 5, 6])
        buffer.copy(few.span, to: 1)
        #expect(buffer.span.copy() == [9, 1, 2, 9])
        buffer.copy(none.span, to: 4)
        buffer.copy(all.span, to: 0)
        #expect(buffer.span.copy() == [3, 4, 5, 6])
    }

    @Test func `copying within one buffer may overlap`() {
        let buffer = Buffer(copying: [1, 2, 3, 4, 5])
        buffer.copy(buffer.span.extracting(0..<4), to: 1)
        #expect(buffer.span.copy() == [1, 1, 2, 3, 4])
    }

    @Test(arguments: [(4, 1), (5, 0), (0, 5), (1, -1)])
    func `copying one byte past either end traps`(count: Int, offset: Int) async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [count, offset] in
            let bytes = [UInt8](repeating: 1, count: count)
            Buffer(capacity: 4).copy(bytes.span, to: offset)
        }
        requireMessage("the bytes do not fit", in: result)
    }

    @Test(arguments: [0, -1])
    func `a buffer without a byte traps`(capacity: Int) async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [capacity] in _ = Buffer(capacity: capacity) }
        requireMessage("a buffer has at least one byte", in: result)
    }

    @Test func `a chunk may be any part of a buffer`() {
        let buffer = Buffer(capacity: 4)
        for range in [0..<4, 0..<0, 4..<4, 1..<3] {
            #expect(OutputChunk(buffer, range).range == range)
        }
        #expect(OutputChunk([1, 2]).range == 0..<2)
    }

    @Test(arguments: [(0, 5), (-1, 2), (5, 5)])
    func `a chunk outside its buffer traps`(start: Int, end: Int) async {
        await #expect(processExitsWith: .failure) { [start, end] in
            _ = OutputChunk(Buffer(capacity: 4), start..<end)
        }
    }

    @Test func `a chunk keeps its buffer`() {
        weak var trace: Buffer?
        do {
            var chunk: OutputChunk?
            do {
                let buffer = Buffer(capacity: 1)
                trace = buffer
                chunk = OutputChunk(buffer, 0..<1)
            }
            #expect(trace != nil)
            withExtendedLifetime(chunk) {}
            chunk = nil
        }
        #expect(trace == nil)
    }
}
