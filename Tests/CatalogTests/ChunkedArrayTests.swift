import Testing

@testable import Catalog

@Suite struct ChunkedArrayTests {
    @Test func `elements are found where they were appended`() {
        var list = ChunkedArray<Int>(chunkBits: 3)
        for number in 0..<100 { list.append(number) }
        #expect(list.count == 100)
        #expect((0..<100).allSatisfy { list[$0] == $0 })
        #expect(list.chunks.map(\.count) == [Int](repeating: 8, count: 12) + [4])
    }

    @Test func `a copy does not see what is appended later`() {
        var list = ChunkedArray<Int>(chunkBits: 2)
        for number in 0..<6 { list.append(number) }
        let copy = list
        list.append(6)
        list[0] = 100
        #expect(copy.count == 6 && copy[0] == 0)
        #expect(copy.chunks.flatMap(\.self) == Array(0..<6))
        #expect(list.chunks.flatMap(\.self) == [100] + Array(1..<7))
    }

    @Test func `the last is taken off until nothing is left`() {
        var list = ChunkedArray<Int>(chunkBits: 2)
        for number in 0..<9 { list.append(number) }
        for number in (0..<9).reversed() { #expect(list.popLast() == number) }
        #expect(list.popLast() == nil)
        #expect(list.count == 0 && list.chunks.isEmpty)
        list.append(7)
        #expect(list[0] == 7)
    }
}
