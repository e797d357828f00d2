import HTTP1
import Testing

/// One field section and what has to come of it, after `GET / HTTP/1.1` and a Host field.
struct FieldSectionCase: CustomTestStringConvertible, Sendable {
    var sentence: String
    var section: String
    var expected: [TraceEvent]

    /// The bytes before the section.
    static let start = "GET / HTTP/1.1\r\nHost: a\r\n"

    init(_ sentence: String, _ section: String, accepted summary: String) {
        (self.sentence, self.section) = (sentence, section)
        expected = [.head("GET / HTTP/1.1 | Host=a" + summary), .end]
    }

    init(_ sentence: String, _ section: String, _ reason: HTTPError.Reason, at offset: Int) {
        (self.sentence, self.section) = (sentence, section)
        expected = [.error(reason, at: Self.start.utf8.count + offset)]
    }

    var testDescription: String { sentence }
}

@Suite struct `Field section` {
    static let accepted: [FieldSectionCase] = [
        .init("nothing more", "\r\n", accepted: ""),
        .init("a field", "A: b\r\n\r\n", accepted: " | A=b"),
        .init("no white space", "A:b\r\n\r\n", accepted: " | A=b"),
        .init("white space around the value", "A: \t b c\t \r\n\r\n", accepted: " | A=b c"),
        .init("an empty value", "A:\r\n\r\n", accepted: " | A="),
        .init("a value of white space", "A: \t\r\n\r\n", accepted: " | A="),
        .init("a colon in the value", "A: b:c\r\n\r\n", accepted: " | A=b:c"),
        .init("a tab in the value", "A: b\tc\r\n\r\n", accepted: " | A=b\tc"),
        .init("obs-text in the value", "A: é\r\n\r\n", accepted: " | A=é"),
        .init(
            "each token character",
            "!#$%&'*+-.^_`|~09azAZ: b\r\n\r\n",
            accepted: " | !#$%&'*+-.^_`|~09azAZ=b"
        ),
        .init("the same name twice", "A: b\r\na: c\r\n\r\n", accepted: " | A=b | a=c"),
    ]

    static let refused: [FieldSectionCase] = [
        .init("a space before the colon", "A : b\r\n\r\n", .whitespaceBeforeColon, at: 1),
        .init("a tab before the colon", "A\t: b\r\n\r\n", .whitespaceBeforeColon, at: 1),
        .init("a space in the name", "A B: c\r\n\r\n", .whitespaceBeforeColon, at: 1),
        .init("a folded value", "A: b\r\n c\r\n\r\n", .obsoleteFolding, at: 6),
        .init("a value folded by a tab", "A: b\r\n\tc\r\n\r\n", .obsoleteFolding, at: 6),
        .init("a line of white space", " \r\n\r\n", .obsoleteFolding, at: 0),
        .init("no name", ": b\r\n\r\n", .emptyFieldName, at: 0),
        .init("no colon", "A\r\n\r\n", .missingColon, at: 1),
        .init("NUL in the name", "A\0: b\r\n\r\n", .invalidFieldName, at: 1),
        .init("NUL begins the name", "\0A: b\r\n\r\n", .invalidFieldName, at: 0),
        .init("DEL in the name", "A\u{7F}: b\r\n\r\n", .invalidFieldName, at: 1),
        .init("a separator in the name", "A(: b\r\n\r\n", .invalidFieldName, at: 1),
        .init("UTF-8 in the name", "é: b\r\n\r\n", .invalidFieldName, at: 0),
        .init("NUL in the value", "A: b\0c\r\n\r\n", .invalidFieldValue, at: 4),
        .init("DEL in the value", "A: b\u{7F}\r\n\r\n", .invalidFieldValue, at: 4),
        .init("ESC in the value", "A: \u{1B}[0m\r\n\r\n", .invalidFieldValue, at: 3),
        .init("vertical tab in the value", "A: \u{0B}b\r\n\r\n", .invalidFieldValue, at: 3),
        .init("a bare CR in the value", "A: b\rc\r\n\r\n", .bareCarriageReturn, at: 4),
        .init("CR CR LF", "A: b\r\r\n\r\n", .bareCarriageReturn, at: 4),
        .init("a bare CR in the name", "A\rB: c\r\n\r\n", .missingColon, at: 1),
        .init("LF ends a line", "A: b\nC: d\r\n\r\n", .bareLineFeed, at: 4),
        .init("LF ends a line without colon", "A\n\r\n", .bareLineFeed, at: 1),
        .init("LF ends the section", "A: b\r\n\n", .bareLineFeed, at: 6),
        .init("CR ends the section", "A: b\r\n\rX", .bareCarriageReturn, at: 6),
    ]

    @Test(arguments: accepted)
    func `is accepted`(_ section: FieldSectionCase) {
        let events = RequestTrace().events(FieldSectionCase.start + section.section)
        #expect(events == section.expected)
    }

    @Test(arguments: refused)
    func `is refused`(_ section: FieldSectionCase) {
        let events = RequestTrace().events(FieldSectionCase.start + section.section)
        #expect(events == section.expected)
    }

    @Test func `each control character but HTAB is refused in a value`() {
        for byte in Array(UInt8(0)..<32) + [127] where ![9, 10, 13].contains(byte) {
            let bytes =
                Array((FieldSectionCase.start + "A: ").utf8) + [byte] + Array("\r\n\r\n".utf8)
            let offset = FieldSectionCase.start.utf8.count + 3
            #expect(RequestTrace().events(bytes) == [.error(.invalidFieldValue, at: offset)])
        }
    }
}
