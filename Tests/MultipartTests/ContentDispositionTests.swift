@testable import Multipart
import Testing

@Suite struct ContentDispositionTests {
    @Test(arguments: [
        (#"form-data; filename="a\"b""#, #"a"b"#),
        (#"form-data; filename="a\\b""#, #"a\b"#),
        (#"form-data; filename="a\b""#, #"a\b"#),
        (#"form-data; filename="a\\\"b""#, #"a\"b"#),
        (#"form-data; filename="a%22b""#, #"a"b"#),
        (#"form-data; filename="a%5cb%2F""#, "a%5cb%2F"),
        (#"form-data; filename=a%22b"#, "a%22b"),
        (#"form-data; filename="%""#, "%"),
    ])
    func `escapes of the clients are undone, and no others`(
        value: String,
        filename: String
    ) throws {
        let bytes = Array(value.utf8)
        #expect(try ContentDisposition(bytes[...], lineOffsetBytes: 0).filename == filename)
    }

    @Test(arguments: [
        ("UTF-8''a", "a"), ("utf-8'de'%C3%A4", "ä"), ("UTF-8''", ""), ("UTF-8''%e2%82%ac", "€"),
        ("UTF-8''a'b", nil), ("UTF-8'a", nil), ("utf8''a", nil), ("''a", nil),
        ("UTF-8''a b", nil), ("UTF-8''%4", nil), ("UTF-8''%4G", nil), ("UTF-8''%C3", nil),
        ("UTF-8''%00", nil), ("UTF-8''a*", nil),
    ])
    func `an extended value decodes as RFC 8187 has it or not at all`(
        value: String,
        text: String?
    ) {
        #expect(ExtendedValue.decode(Array(value.utf8)[...]) == text)
    }

    @Test func `a reader stops at the byte in its way`() {
        var reader = ParameterReader(Array("name =x".utf8)[...])
        #expect(reader.readParameter() == nil)
        #expect(reader.index == 4)
    }

    @Test func `characters fall into the classes of their grammars`() {
        let tokens = (UInt8.min...UInt8.max).filter(Grammar.isTokenCharacter)
        let attributes = (UInt8.min...UInt8.max).filter(Grammar.isAttributeCharacter)
        #expect(tokens.count == 62 + 15)
        #expect(attributes.count == 62 + 12)
        #expect(Set(tokens).subtracting(attributes) == Set("*'%".utf8))
    }
}
