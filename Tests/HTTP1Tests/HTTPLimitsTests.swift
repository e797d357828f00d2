import HTTP1
import TestSupport
import Testing

/// Each limit, kept exactly and exceeded by one.
@Suite struct `HTTP limits` {
    /// Cuts whose number does not grow with the input.
    private static let cuts: [Chunking] = [.whole, .byteByByte, .seededRandom]

    private func verdict(_ text: String, _ limits: HTTPLimits = HTTPLimits()) -> HTTPError.Reason? {
        let events = RequestTrace(limits: limits).events(Array(text.utf8), under: Self.cuts)
        if case .error(let reason, _) = events.last { return reason }
        #expect(events.last == .end)
        return nil
    }

    private func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

    @Test func `the method`() {
        let rest = " / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(verdict(letters(32) + rest) == nil)
        #expect(verdict(letters(33) + rest) == .methodTooLong)
        #expect(HTTPError.Reason.methodTooLong.status == .notImplemented)
    }

    @Test func `the target`() {
        let rest = " HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(verdict("GET /" + letters(8_191) + rest) == nil)
        #expect(verdict("GET /" + letters(8_192) + rest) == .targetTooLong)
        #expect(verdict("GET /" + letters(20_000)) == .targetTooLong)
        #expect(HTTPError.Reason.targetTooLong.status == .uriTooLong)
    }

    @Test func `the bytes of the field section`() {
        let start = "GET / HTTP/1.1\r\n"
        let framed = "Host: a\r\nA: \r\n\r\n".utf8.count
        for (excess, expected) in [(0, nil), (1, HTTPError.Reason.fieldSectionTooLarge)] {
            let value = letters(32_768 - framed + excess)
            #expect(verdict(start + "Host: a\r\nA: \(value)\r\n\r\n") == expected)
        }
        #expect(verdict(start + letters(40_000)) == .fieldSectionTooLarge)
        #expect(
            verdict(start + "A:" + String(repeating: " ", count: 40_000)) == .fieldSectionTooLarge
        )
        #expect(HTTPError.Reason.fieldSectionTooLarge.status == .requestHeaderFieldsTooLarge)
    }

    @Test func `the number of field lines`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(verdict(start + String(repeating: "A: b\r\n", count: 99) + "\r\n") == nil)
        let excess = start + String(repeating: "A: b\r\n", count: 100) + "\r\n"
        #expect(verdict(excess) == .tooManyFields)
        #expect(HTTPError.Reason.tooManyFields.status == .requestHeaderFieldsTooLarge)
    }

    @Test func `a head that has every part at its limit`() {
        let fields = "Host: a\r\nA: " + letters(32_768 - 16) + "\r\n\r\n"
        let text = "\r\n" + letters(32) + " /" + letters(8_191) + " HTTP/1.1\r\n" + fields
        #expect(verdict(text) == nil)
        #expect(verdict(text + text) == nil)
    }

    @Test func `the extension of one chunk`() {
        #expect(verdict(ChunkedCase.start + "0;" + letters(1_024) + "\r\n\r\n") == nil)
        let excess = ChunkedCase.start + "0;" + letters(1_025) + "\r\n\r\n"
        #expect(verdict(excess) == .chunkExtensionsTooLarge)
        #expect(HTTPError.Reason.chunkExtensionsTooLarge.status == .contentTooLarge)
    }

    @Test func `the extensions of all chunks`() {
        let chunk = "1;" + letters(1_024) + "\r\nx\r\n"
        let sixteen = ChunkedCase.start + String(repeating: chunk, count: 16)
        #expect(verdict(sixteen + "0\r\n\r\n") == nil)
        #expect(verdict(sixteen + "0;a\r\n\r\n") == .chunkExtensionsTooLarge)
    }

    @Test func `the bytes of the trailer section`() {
        let framed = "A: \r\n\r\n".utf8.count
        for (excess, expected) in [(0, nil), (1, HTTPError.Reason.fieldSectionTooLarge)] {
            let trailer = "A: " + letters(8_192 - framed + excess) + "\r\n\r\n"
            #expect(verdict(ChunkedCase.start + "0\r\n" + trailer) == expected)
        }
    }

    @Test func `the number of trailers`() {
        let trailers = { String(repeating: "A: b\r\n", count: $0) + "\r\n" }
        #expect(verdict(ChunkedCase.start + "0\r\n" + trailers(16)) == nil)
        #expect(verdict(ChunkedCase.start + "0\r\n" + trailers(17)) == .tooManyFields)
    }

    @Test func `other limits than the default ones`() {
        var limits = HTTPLimits()
        limits.targetBytesMax = 2
        limits.fieldCountMax = 1
        limits.fieldSectionBytesMax = 11
        #expect(verdict("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", limits) == nil)
        #expect(verdict("GET /ab HTTP/1.1\r\nHost: a\r\n\r\n", limits) == .targetTooLong)
        #expect(verdict("GET / HTTP/1.1\r\nHost: ab\r\n\r\n", limits) == .fieldSectionTooLarge)
        #expect(verdict("GET / HTTP/1.0\r\nA:\r\nB:\r\n\r\n", limits) == .tooManyFields)
    }
}
