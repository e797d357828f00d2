import Bytes
import TestSupport
import Testing

@Suite struct BlobIDTests {
    /// The digest of no bytes at all (NIST's examples for SHA-256 have it).
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func `text and digest are two forms of the same id`() throws {
        let id = try #require(BlobID(hex: Self.empty))
        #expect(id.hex == Self.empty)
        #expect(id.description == Self.empty)
        #expect(id.hexBytes == Array(Self.empty.utf8))
        #expect(id.bytes.count == BlobID.byteCount)
        #expect(id.bytes.first == 0xE3)
        #expect(id.bytes.last == 0x55)
        let bytes = id.bytes
        let again = BlobID(digest: bytes.span)
        #expect(again == id)
    }

    @Test func `random ids survive both forms`() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<200 {
            let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
            let id = BlobID(digest: bytes.span)
            #expect(id.bytes == bytes)
            #expect(BlobID(hex: id.hex) == id)
        }
    }

    /// What replaces the last two digits of a valid text, or follows it.
    @Test(arguments: [
        "", "5", "555", "55\n", "5F", "F5", "5g", "5/", "5:", "5@", "5`", "5 ", " 5", "5\u{0}", "é",
        "E5",
    ])
    func `any other text is no id`(end: String) {
        #expect(BlobID(hex: "\(Self.empty.dropLast(2))\(end)") == nil)
    }

    @Test func `the text form is the whole text`() {
        for text in [Self.empty.uppercased(), "0x\(Self.empty.dropLast(2))", " \(Self.empty)", ""] {
            #expect(BlobID(hex: text) == nil)
        }
    }

    @Test func `a wrong byte anywhere is noticed`() {
        for i in 0..<BlobID.hexCount {
            var digits = Array(Self.empty.utf8)
            digits[i] = UInt8(ascii: "A")
            let id = BlobID(hex: digits.span)
            #expect(id == nil, "at \(i)")
        }
    }

    @Test(arguments: [0, 31, 33])
    func `a digest of another length traps`(count: Int) async {
        await #expect(processExitsWith: .failure) { [count] in
            let bytes = [UInt8](repeating: 0, count: count)
            _ = BlobID(digest: bytes.span)
        }
    }

    @Test func `ids are ordered as their texts are`() throws {
        var random = SeededRandom(seed: 2)
        var ids: [BlobID] = []
        for position in 0..<32 {
            // Two that differ in one byte only, so that each word decides once.
            var bytes = [UInt8](repeating: 7, count: 32)
            bytes[position] = UInt8.random(in: 0...255, using: &random)
            ids.append(BlobID(digest: bytes.span))
        }
        ids.shuffle(using: &random)
        #expect(ids.sorted().map(\.hex) == ids.map(\.hex).sorted())
        let first = ids[0]
        #expect(!(first < first))
    }

    @Test func `equal ids hash alike, and each byte makes another id`() {
        let base = [UInt8](repeating: 0, count: 32)
        var ids: Set<BlobID> = [BlobID(digest: base.span), BlobID(digest: base.span)]
        #expect(ids.count == 1)
        for position in 0..<32 {
            var bytes = base
            bytes[position] = 1
            ids.insert(BlobID(digest: bytes.span))
        }
        #expect(ids.count == 33)
    }

    @Test func `an id takes no more than its 32 bytes`() {
        #expect(MemoryLayout<BlobID>.size == 32)
    }
}
