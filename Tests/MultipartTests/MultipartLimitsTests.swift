import Bytes
import Multipart
import Testing

@Suite struct MultipartLimitsTests {
    /// A part whose header section, empty line included, has the given size.
    private func body(headerBytes: Int) -> [UInt8] {
        let field = "Content-Disposition: form-data; name=a\r\n"
        let filler = headerBytes - field.utf8.count - "X: \r\n\r\n".utf8.count
        let header = field + "X: " + String(repeating: "x", count: filler) + "\r\n\r\n"
        return Forms.bytes("--XX\r\n" + header) + Forms.closeDelimiter
    }

    @Test func `a header section may be as large as the limit`() throws {
        let limits = MultipartLimits(partHeaderBytes: ByteCount(100))
        #expect(try Forms.error(in: body(headerBytes: 100), limits: limits) == nil)
    }

    @Test func `a header section one byte larger is refused at that byte`() throws {
        let limits = MultipartLimits(partHeaderBytes: ByteCount(100))
        let error = try Forms.error(in: body(headerBytes: 101), limits: limits)
        #expect(error == .partHeaderTooLarge(offsetBytes: 106, limitBytes: 100))
        #expect(error?.status == 431)
    }

    @Test func `a header line that never ends is refused at the limit`() throws {
        let limits = MultipartLimits(partHeaderBytes: ByteCount(100))
        let body = Forms.bytes("--XX\r\n" + String(repeating: "x", count: 200))
        #expect(
            try Forms.error(in: body, limits: limits)
                == .partHeaderTooLarge(offsetBytes: 106, limitBytes: 100)
        )
    }

    @Test func `the limit counts anew in each part`() throws {
        let limits = MultipartLimits(partHeaderBytes: ByteCount(50))
        let part = Forms.partOpening + Forms.bytes("x\r\n")
        let body = part + part + part + Forms.bytes("--XX--")
        #expect(try Forms.error(in: body, limits: limits) == nil)
    }

    private func body(fields: Int) -> [UInt8] {
        let others = (1..<fields).map { "X-\($0): y\r\n" }.joined()
        let disposition = "Content-Disposition: form-data\r\n\r\n"
        return Forms.bytes("--XX\r\n" + others + disposition) + Forms.closeDelimiter
    }

    @Test func `a part may have as many fields as the limit`() throws {
        let limits = MultipartLimits(fieldsPerPart: 3)
        #expect(try Forms.error(in: body(fields: 3), limits: limits) == nil)
    }

    @Test func `a part with one field more is refused at that field`() throws {
        let limits = MultipartLimits(fieldsPerPart: 3)
        let error = try Forms.error(in: body(fields: 4), limits: limits)
        #expect(error == .tooManyFields(offsetBytes: 6 + 3 * "X-1: y\r\n".utf8.count, limit: 3))
        #expect(error?.status == 431)
    }

    private func body(preambleBytes: Int) -> [UInt8] {
        let preamble = String(repeating: "x", count: preambleBytes)
        return Forms.bytes(preamble + "\r\n--XX--")
    }

    @Test func `a preamble may be as long as the limit`() throws {
        let limits = MultipartLimits(preambleBytes: ByteCount(20))
        #expect(try Forms.error(in: body(preambleBytes: 20), limits: limits) == nil)
    }

    @Test func `a preamble one byte longer is refused at that byte`() throws {
        let limits = MultipartLimits(preambleBytes: ByteCount(20))
        let error = try Forms.error(in: body(preambleBytes: 21), limits: limits)
        #expect(error == .preambleTooLong(offsetBytes: 20, limitBytes: 20))
        #expect(error?.status == 413)
    }

    @Test func `bytes held back as a possible delimiter count as preamble`() throws {
        let limits = MultipartLimits(preambleBytes: ByteCount(20))
        let body = Forms.bytes("\r\n--X\r\n--X\r\n--X\r\n--X\r\n--X\r\n--XX--")
        #expect(
            try Forms.error(in: body, limits: limits)
                == .preambleTooLong(offsetBytes: 20, limitBytes: 20)
        )
    }

    private func body(paddingBytes: Int) -> [UInt8] {
        let padding = String(repeating: " \t", count: paddingBytes).prefix(paddingBytes)
        return Forms.partOpening + Forms.bytes("x\r\n--XX" + padding + "\r\n")
            + Forms.bytes("Content-Disposition: form-data\r\n\r\n") + Forms.closeDelimiter
    }

    @Test(arguments: [0, 1, 7])
    func `padding may be as long as the limit`(limitBytes: Int) throws {
        let limits = MultipartLimits(transportPaddingBytes: ByteCount(limitBytes))
        #expect(try Forms.error(in: body(paddingBytes: limitBytes), limits: limits) == nil)
    }

    @Test(arguments: [0, 1, 7])
    func `padding one byte longer is refused after what came before`(limitBytes: Int) throws {
        let limits = MultipartLimits(transportPaddingBytes: ByteCount(limitBytes))
        let recording = try Forms.recording(
            of: body(paddingBytes: limitBytes + 1),
            limits: limits
        )
        let offset = Forms.partOpening.count + "x\r\n--XX".utf8.count + limitBytes
        let error = MultipartError.transportPaddingTooLong(
            offsetBytes: offset,
            limitBytes: limitBytes
        )
        #expect(recording.entries.dropFirst() == [.content([UInt8(ascii: "x")]), .error(error)])
    }

    private func body(parts: Int) -> [UInt8] {
        let part = Forms.partOpening + Forms.bytes("x\r\n")
        return (0..<parts).flatMap { _ in part } + Forms.bytes("--XX--")
    }

    @Test func `a body may have as many parts as the limit`() throws {
        #expect(try Forms.error(in: body(parts: 3), limits: MultipartLimits(parts: 3)) == nil)
    }

    @Test func `one part more is refused after the others were given out`() throws {
        let recording = try Forms.recording(of: body(parts: 4), limits: MultipartLimits(parts: 3))
        let part = Forms.partOpening + Forms.bytes("x\r\n")
        let error = MultipartError.tooManyParts(
            offsetBytes: 3 * part.count + "--XX\r\n".utf8.count,
            limit: 3
        )
        #expect(recording.entries.suffix(2) == [.partEnded, .error(error)])
        #expect(recording.entries.count == 3 * 3 + 1)
        #expect(error.status == 413)
    }
}
