import HTTP1
import Testing

@Suite struct `Response encoder` {
    private func encode(
        _ head: ResponseHead,
        _ context: ResponseEncoder.Context = ResponseEncoder.Context()
    ) -> (text: String, hasContent: Bool) {
        var output = Array("before ".utf8)
        let hasContent = ResponseEncoder.encode(head, context, into: &output)
        return (String(decoding: output.dropFirst(7), as: UTF8.self), hasContent)
    }

    @Test func `a head has its status, its fields in order, and a length`() {
        let head = ResponseHead(
            .ok,
            contentLength: 1_234_567_890,
            fields: [(.contentType, "image/jpeg"), (.eTag, "\"é\""), (FieldName("X-A"), "")]
        )
        let (text, hasContent) = encode(head)
        #expect(
            text == "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nETag: \"é\"\r\nX-A: \r\n"
                + "Content-Length: 1234567890\r\n\r\n"
        )
        #expect(hasContent)
    }

    @Test func `HEAD and 304 may say a length and have no content`() {
        let isHead = ResponseEncoder.Context(isHead: true)
        let ok = encode(ResponseHead(.ok, contentLength: 5), isHead)
        #expect(ok.text == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" && !ok.hasContent)
        let silent = encode(ResponseHead(.ok), isHead)
        #expect(silent.text == "HTTP/1.1 200 OK\r\n\r\n" && !silent.hasContent)
        let notModified = encode(ResponseHead(.notModified, contentLength: 5))
        #expect(notModified.text == "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")
        #expect(!notModified.hasContent)
        #expect(encode(ResponseHead(.notModified)).text == "HTTP/1.1 304 Not Modified\r\n\r\n")
    }

    @Test func `204 never says a length`() {
        let (text, hasContent) = encode(ResponseHead(.noContent))
        #expect(text == "HTTP/1.1 204 No Content\r\n\r\n" && !hasContent)
        #expect(encode(ResponseHead(.noContent, contentLength: 0)).text == text)
        let continues = String(decoding: ResponseEncoder.continueResponse, as: UTF8.self)
        #expect(continues == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func `an empty content has the length zero`() {
        let (text, hasContent) = encode(ResponseHead(.notFound, contentLength: 0))
        #expect(text == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" && hasContent)
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
        let (text, _) = encode(ResponseHead(.ok, contentLength: 0), context)
        #expect(text == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(field)\r\n")
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
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            ResponseEncoder.encode(ResponseHead(.ok), .init(), into: &output)
        }
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            let head = ResponseHead(.ok, contentLength: 0, fields: [(.transferEncoding, "chunked")])
            ResponseEncoder.encode(head, .init(), into: &output)
        }
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            ResponseEncoder.encode(
                ResponseHead(.noContent, contentLength: 1),
                .init(),
                into: &output
            )
        }
    }
}
