@testable internal import Server
internal import Testing

@Suite struct RequestIDGeneratorTests {
    private func isAccepted(_ bytes: [UInt8]) -> Bool { RequestIDGenerator.accepts(bytes.span) }

    @Test func `no two requests have the same name, in this process or in another one`() {
        var first = RequestIDGenerator()
        var second = RequestIDGenerator()
        var names: Set<[UInt8]> = []
        for _ in 0..<1_000 {
            names.insert(first.next())
            names.insert(second.next())
        }
        #expect(names.count == 2_000)
        let hex = Array("0123456789abcdef".utf8)
        #expect(names.allSatisfy { $0.count == 24 && $0.allSatisfy(hex.contains) })
    }

    @Test func `names count up, so that the log's order can be seen`() {
        var generator = RequestIDGenerator()
        let texts = (0..<17).map { _ in String(decoding: generator.next(), as: UTF8.self) }
        #expect(texts == texts.sorted())
        #expect(texts[0].hasSuffix("00000001") && texts[16].hasSuffix("00000011"))
    }

    @Test func `a client's own name is taken up to the limit and not one byte past it`() {
        let longest = [UInt8](repeating: 0x7E, count: RequestIDGenerator.clientBytesMax)
        #expect(isAccepted(longest))
        #expect(!isAccepted(longest + [0x7E]))
        #expect(isAccepted([0x21]))
        #expect(!isAccepted([]))
    }

    @Test(arguments: [0x00, 0x0A, 0x1F, 0x20, 0x7F, 0x80, 0xC3] as [UInt8])
    func `a name that could break a log line is not taken`(byte: UInt8) {
        #expect(!isAccepted([0x61, byte, 0x61]))
        #expect(!isAccepted([byte]))
    }
}
