import TestSupport
import Testing

@testable import Catalog

@Suite struct CameraTableTests {
    private static func number(_ name: String, in table: inout CameraTable) -> UInt32 {
        table.number(of: Array(name.utf8))
    }

    @Test func `a name has one number, and no name has none`() {
        var table = CameraTable(limit: 10)
        #expect(table.number(of: nil) == CameraTable.none)
        let first = Self.number("A", in: &table)
        #expect(Self.number("B", in: &table) != first)
        #expect(Self.number("A", in: &table) == first)
        #expect(table.name(of: first) == "A")
    }

    @Test func `names that only look alike are different names`() {
        var table = CameraTable(limit: 10)
        #expect(Self.number("\u{e9}", in: &table) != Self.number("e\u{301}", in: &table))
    }

    @Test func `a name is taken at the limit and none past it`() {
        var table = CameraTable(limit: 2)
        let first = Self.number("A", in: &table)
        #expect(Self.number("B", in: &table) != CameraTable.none)
        #expect(Self.number("C", in: &table) == CameraTable.none)
        #expect(Self.number("A", in: &table) == first)
        table.count(CameraTable.none)
        #expect(table.mostFrequent.isEmpty)
    }

    @Test func `the most frequent come first, ties in the order of their UTF-8 bytes`() {
        var table = CameraTable(limit: 100)
        for name in ["b", "a", "Z", "\u{e9}", "\u{1F600}", "b"] {
            table.count(Self.number(name, in: &table))
        }
        #expect(table.mostFrequent.map(\.name) == ["b", "Z", "a", "\u{e9}", "\u{1F600}"])
        #expect(table.mostFrequent.map(\.images) == [2, 1, 1, 1, 1])
    }

    @Test func `the list is that of counting everything, at every step`() {
        var table = CameraTable(limit: 10_000)
        var counts: [String: UInt64] = [:]
        var random = SeededRandom(seed: 3)
        for step in 0..<20_000 {
            // A few frequent names and many rare ones, so that places change all the time.
            let bound = Int.random(in: 1...400, using: &random)
            let name = "Camera \(Int.random(in: 0..<bound, using: &random))"
            table.count(Self.number(name, in: &table))
            counts[name, default: 0] += 1
            guard step % 500 == 0 || step < 300 else { continue }
            let sorted = counts.sorted { left, right in
                left.value == right.value
                    ? left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
                    : left.value > right.value
            }
            let expected = sorted.prefix(Statistics.cameraCount)
            #expect(table.mostFrequent.map(\.name) == expected.map(\.key))
            #expect(table.mostFrequent.map(\.images) == expected.map(\.value))
        }
        #expect(counts.count > Statistics.cameraCount)
    }
}
