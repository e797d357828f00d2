import Bytes
import TestSupport
import Testing

@Suite struct SpanSearchTests {
    /// Few different bytes, so that false starts and overlaps are frequent.
    private static let alphabet: ClosedRange<UInt8> = 0...2

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `finds what a naive search finds`(seed: UInt64) {
        let bytes = randomBytes(count: 60, seed: seed, in: Self.alphabet)
        for needleCount in 1...5 {
            let needle = randomBytes(count: needleCount, seed: seed + 100, in: Self.alphabet)
            for start in 0...bytes.count {
                let found = bytes.span.firstIndex(of: needle, from: start)
                #expect(found == naive(bytes, needle, start), "\(needle) from \(start)")
                let byte = bytes.span.firstIndex(of: needle[0], from: start)
                #expect(byte == naive(bytes, [needle[0]], start))
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a part of a span is searched as if nothing stood around it`(seed: UInt64) {
        let bytes = randomBytes(count: 40, seed: seed, in: Self.alphabet)
        let needle = randomBytes(count: 3, seed: seed + 200, in: Self.alphabet)
        for start in 0..<10 {
            for end in start...bytes.count {
                let part = bytes.span.extracting(start..<end)
                let found = part.firstIndex(of: needle)
                #expect(found == naive(Array(bytes[start..<end]), needle, 0))
            }
        }
    }

    @Test func `a needle that the end cuts off is not found`() {
        let bytes = Array("xx--bound".utf8)
        let found = bytes.span.firstIndex(of: Array("--boundary".utf8))
        #expect(found == nil)
        let whole = bytes.span.firstIndex(of: Array("--bound".utf8))
        #expect(whole == 2)
    }

    @Test func `every byte value is found, NUL and 255 too`() {
        let bytes = [UInt8](0...255)
        for byte in bytes {
            let found = bytes.span.firstIndex(of: byte)
            #expect(found == Int(byte))
        }
    }

    @Test func `an empty span holds nothing`() {
        let none: [UInt8] = []
        let (byte, bytes) = (none.span.firstIndex(of: 0), none.span.firstIndex(of: [0]))
        #expect(byte == nil)
        #expect(bytes == nil)
        let (empty, other) = (none.span.starts(with: []), none.span.starts(with: [0]))
        #expect(empty)
        #expect(!other)
        let (isEmpty, copy) = (none.span.equals([]), none.span.copy())
        #expect(isEmpty)
        #expect(copy == [])
    }

    @Test func `a prefix is compared at every place`() {
        let bytes: [UInt8] = [1, 2, 3, 4]
        for start in 0...4 {
            for count in 0...5 {
                let prefix = Array(bytes[start...].prefix(count))
                let isThere = bytes.span.starts(with: prefix, at: start)
                #expect(isThere)
                let isLongerThere = bytes.span.starts(with: prefix + [9], at: start)
                #expect(!isLongerThere)
            }
        }
    }

    @Test func `equality wants the same length and the same bytes`() {
        let bytes: [UInt8] = [1, 2, 3]
        let isEqual = bytes.span.equals([1, 2, 3])
        #expect(isEqual)
        for other: [UInt8] in [[], [1, 2], [1, 2, 4], [1, 2, 3, 0], [0, 1, 2, 3]] {
            let isEqual = bytes.span.equals(other)
            #expect(!isEqual)
        }
    }

    @Test func `copies are exact, and appending keeps what stood before`() {
        let bytes: [UInt8] = [1, 2, 3, 4]
        for start in 0...4 {
            for end in start...4 {
                let copy = bytes.span.copy(start..<end)
                #expect(copy == Array(bytes[start..<end]))
            }
        }
        var out: [UInt8] = [9]
        out.append(bytes.span)
        out.append(bytes.span.extracting(0..<0))
        #expect(out == [9, 1, 2, 3, 4])
    }

    @Test(arguments: [-1, 4])
    func `a search from one past the end of the span traps`(start: Int) async {
        await #expect(processExitsWith: .failure) { [start] in
            let bytes: [UInt8] = [1, 2, 3]
            _ = bytes.span.firstIndex(of: 1, from: start)
        }
    }

    @Test func `an empty needle traps`() async {
        await #expect(processExitsWith: .failure) {
            let bytes: [UInt8] = [1, 2, 3]
            _ = bytes.span.firstIndex(of: [])
        }
    }

    private func naive(_ bytes: [UInt8], _ needle: [UInt8], _ start: Int) -> Int? {
        guard bytes.count >= needle.count, start <= bytes.count - needle.count else { return nil }
        return (start...bytes.count - needle.count).first {
            Array(bytes[$0..<$0 + needle.count]) == needle
        }
    }
}
