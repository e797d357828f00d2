import HTTP1
import Testing

@Suite struct `Response encoder` {
    private func text(_ encode: (inout [UInt8]) -> Void) -> String {
        var output = Array("before ".utf8)
        encode(&output)
        return String(decoding: output.dropFirst(7), as: UTF8.self)
    }

    @Test func `a status line has version, code and phrase`() {
        #expect(text { ResponseEncoder.encodeStatusLine(.ok, into: &$0) } == "HTTP/1.1 200 OK\r\n")
        let continues = String(decoding: ResponseEncoder.continueResponse, as: UTF8.self)
        #expect(continues == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test(arguments: [
        (FieldName.contentType, "image/jpeg", "Content-Type: image/jpeg\r\n"),
        (.eTag, "\"é\"", "ETag: \"é\"\r\n"), (FieldName("X-A"), "", "X-A: \r\n"),
    ])
    func `a field line has name and value`(_ name: FieldName, _ value: String, _ line: String) {
        #expect(text { ResponseEncoder.encode(name, value, into: &$0) } == line)
    }

    @Test(arguments: [
        (HTTPVersion.http11, Persistence.keepAlive, ""),
        (.http11, .close, "Connection: close\r\n"),
        (.http10, .keepAlive, "Connection: keep-alive\r\n"),
        (.http10, .close, "Connection: close\r\n"),
    ])
    func `Connection is said where the version does not say it`(
        _ version: HTTPVersion,
        _ persistence: Persistence,
        _ field: String
    ) {
        let context = ResponseEncoder.Context(version: version, persistence: persistence)
        #expect(text { ResponseEncoder.encodeConnection(context, into: &$0) } == field)
    }

    @Test func `a status without a registered phrase keeps its space`() {
        var output: [UInt8] = []
        ResponseEncoder.encodeStatusLine(Status(299), into: &output)
        #expect(output == Array("HTTP/1.1 299 \r\n".utf8))
    }

    @Test(arguments: ["a\r\nb", "a\rb", "a\nb", "a\0", "\u{7F}", " a", "a ", "\ta", "\r\n"])
    func `a value that would break the head is known`(_ value: String) {
        #expect(!ResponseEncoder.isValidFieldValue(value))
    }

    @Test(arguments: ["", "a", "a b", "a\tb", "é", "\"a\""])
    func `a value that may be written is known`(_ value: String) {
        #expect(ResponseEncoder.isValidFieldValue(value))
    }

    @Test func `mistakes of our own trap`() async {
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            ResponseEncoder.encode(.server, "a\r\nSet-Cookie: b", into: &output)
        }
        await #expect(processExitsWith: .failure) { _ = FieldName("A: b") }
        await #expect(processExitsWith: .failure) { _ = FieldName("") }
        await #expect(processExitsWith: .failure) { _ = Status(99) }
        await #expect(processExitsWith: .failure) { _ = Status(600) }
    }
}
