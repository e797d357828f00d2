import HTTP1
import Testing

@Suite struct `Fields of a request` {
    private func fields(_ lines: String...) throws -> Fields {
        let section = lines.map { $0 + "\r\n" }.joined()
        return try head("GET / HTTP/1.0\r\n\(section)\r\n").fields
    }

    @Test func `are found whatever the case of their names`() throws {
        let fields = try fields("ACCEPT: a", "x-OTHER: b", "content-type: c", "X-Api-Key: d")
        #expect(fields.first(.accept) == "a")
        #expect(fields.first(FieldName("X-Other")) == "b")
        #expect(fields.first(FieldName("CONTENT-TYPE")) == "c")
        #expect(fields.first(.xAPIKey, equals: "d") && !fields.first(.xAPIKey, equals: "D"))
        #expect(fields.contains(.accept) && fields.contains(FieldName("x-other")))
        #expect(!fields.contains(.range) && !fields.contains(FieldName("X-Othe")))
        #expect(fields.first(.range) == nil && !fields.first(.range, equals: ""))
        #expect(fields.withFirst(.accept) { $0.count } == 1)
        #expect(fields.withFirst(.range) { $0.count } == nil)
    }

    @Test func `keep their order and repetitions`() throws {
        let fields = try fields("A: 1", "Accept: 2", "a: 3", "accept: 4", "Accept:")
        #expect(fields.count == 5 && !fields.isEmpty)
        #expect((0..<5).map { fields.name(at: $0) } == ["A", "Accept", "a", "accept", "Accept"])
        #expect((0..<5).map { fields.value(at: $0) } == ["1", "2", "3", "4", ""])
        #expect(fields.values(FieldName("A")) == ["1", "3"])
        #expect(fields.values(.accept) == ["2", "4", ""])
        #expect(fields.count(of: .accept) == 3 && fields.count(of: .range) == 0)
        #expect(fields.combinedValue(.accept) == "2, 4, ")
        #expect(fields.combinedValue(.range) == nil && fields.values(.range).isEmpty)
    }

    @Test func `of one request are gone in the next`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let text = "GET / HTTP/1.1\r\nHost: a\r\nRange: b\r\n\r\nGET / HTTP/1.1\r\nHost: c\r\n\r\n"
        let bytes = Array(text.utf8)
        var offset = 0
        #expect(try parser.next(bytes.span, at: &offset) == .head)
        let kept = parser.head
        #expect(try parser.next(bytes.span, at: &offset) == .end)
        #expect(try parser.next(bytes.span, at: &offset) == .head)
        #expect(!parser.head.fields.contains(.range) && parser.head.fields.first(.host) == "c")
        // A copy that somebody kept is not written over.
        #expect(kept.fields.first(.range) == "b" && kept.fields.first(.host) == "a")
    }

    @Test func `lists are searched element by element`() throws {
        let fields = try fields("Connection: a , Keep-Alive", "Connection: ,x")
        #expect(fields.listContains(.connection, "keep-alive"))
        #expect(fields.listContains(.connection, "x") && fields.listContains(.connection, "a"))
        #expect(!fields.listContains(.connection, "keep") && !fields.listContains(.range, "a"))
    }

    @Test func `bytes that are not UTF-8 become replacement characters`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let start = Array("GET / HTTP/1.0\r\nA: x".utf8)
        let bytes = start + [0xFF, 0x80] + Array("\r\n\r\n".utf8)
        var offset = 0
        #expect(try parser.next(bytes.span, at: &offset) == .head)
        #expect(parser.head.fields.first(FieldName("A")) == "x\u{FFFD}\u{FFFD}")
    }

    @Test func `every name with a constant is found by any spelling`() throws {
        let names: [FieldName] = [
            .host, .contentLength, .transferEncoding, .connection, .expect, .contentType, .accept,
            .acceptEncoding, .acceptLanguage, .userAgent, .range, .ifMatch, .ifNoneMatch,
            .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .origin, .xAPIKey, .xRequestID,
            .authorization, .accessControlRequestMethod, .accessControlRequestHeaders, .cookie,
            .referer, .te, .trailer, .upgrade, .cacheControl, .contentEncoding, .date, .forwarded,
            .xForwardedFor, .contentDisposition, .contentRange,
        ]
        for name in names {
            #expect(FieldName(name.rawName.uppercased()) == name)
            #expect(FieldName(name.rawName.lowercased()) == name)
            #expect(FieldName(name.rawName + "x") != name)
            #expect(FieldName("x" + name.rawName.dropFirst()) != name || name.rawName.first == "X")
        }
    }
}
