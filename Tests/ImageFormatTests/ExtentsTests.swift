import Bytes
import ImageFormat
import Testing

@Suite struct ExtentsTests {
    /// A file of the bytes 0 to 99.
    private var reader: HeaderReader<ArrayImageSource> {
        HeaderReader(ArrayImageSource(Array(0..<100), isComplete: true), maxReads: 1_000)
    }

    private let pieces = Extents([10..<13, 50..<50, 40..<42, 90..<120])

    @Test func `pieces read as one run, wherever they are cut`() throws {
        var reader = reader
        let run: [UInt8] = [10, 11, 12, 40, 41] + Array(90..<100)
        for start in run.indices {
            for end in start...run.count {
                let found = try pieces.bytes(at: UInt64(start), count: end - start, &reader)
                #expect(found == Array(run[start..<end]))
            }
        }
    }

    @Test func `bytes behind the end of the run, or of the file, are not there`() throws {
        var reader = reader
        #expect(try pieces.bytes(at: 14, count: 2, &reader) == nil)
        #expect(try Extents(10..<13).bytes(at: 2, count: 2, &reader) == nil)
        #expect(try Extents(10..<13).bytes(at: .max, count: 1, &reader) == nil)
        #expect(try Extents.toEnd(from: 99).bytes(at: 0, count: 1, &reader) == [99])
        #expect(try Extents.toEnd(from: 99).bytes(at: 1, count: 1, &reader) == nil)
        #expect(try Extents.toEnd(from: .max).bytes(at: 0, count: 1, &reader) == nil)
    }

    @Test func `what is dropped is counted over the pieces`() throws {
        var reader = reader
        #expect(try pieces.dropping(4).bytes(at: 0, count: 2, &reader) == [41, 90])
        #expect(pieces.dropping(1_000) == Extents([]))
        #expect(Extents.toEnd(from: 5).dropping(.max) == Extents([]))
    }
}
