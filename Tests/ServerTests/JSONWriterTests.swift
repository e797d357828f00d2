internal import Bytes
internal import Server
internal import Testing

@Suite struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `members keep the order in which they are written`() {
        let text = text { json in
            json.object { json in
                json.member("z", 1)
                json.member("a", "two")
                json.member("m") { $0.null() }
                json.member("b") { $0.boolean(true) }
                json.member("c") { $0.boolean(false) }
            }
        }
        #expect(text == #"{"z":1,"a":"two","m":null,"b":true,"c":false}"#)
    }

    @Test func `commas stand between elements, however they nest`() {
        let text = text { json in
            json.array { json in
                json.array { _ in }
                json.object { _ in }
                json.array { json in
                    json.integer(1)
                    json.object { $0.member("a") { json in json.array { $0.string("x") } } }
                    json.integer(2)
                }
                json.string("")
            }
        }
        #expect(text == #"[[],{},[1,{"a":["x"]},2],""]"#)
    }

    @Test(
        arguments: [
            ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\n", #""\n""#), ("\r", #""\r""#),
            ("\t", #""\t""#), ("\0", #""\u0000""#), ("\u{8}", #""\u0008""#),
            ("\u{1F}", #""\u001f""#), (" ", #"" ""#), ("\u{7F}", #""\u007f""#),
            ("\u{9B}", #""\u009b""#), ("\u{A0}", "\"\u{A0}\""), ("é", #""é""#), ("漢", #""漢""#),
            ("🌅", #""🌅""#), ("\u{2028}", "\"\u{2028}\""), ("\r\n", #""\r\n""#),
        ]
    )
    func `a string is escaped as RFC 8259 wants, controls of terminals besides`(
        value: String,
        expected: String
    ) {
        #expect(text { $0.string(value) } == expected)
    }

    @Test func `no byte below a blank stands unescaped, in names neither`() {
        let all = String(String.UnicodeScalarView((0..<0x20).compactMap(Unicode.Scalar.init)))
        let text = text { json in json.object { $0.member(all, all) } }
        #expect(text.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test func `bytes that are not UTF-8 are replaced, the others kept`() {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80, 0x62]
        let text = text { $0.string(utf8: bytes.span) }
        #expect(text.hasPrefix("\"a\u{FFFD}"))
        #expect(text.hasSuffix("b\""))
        #expect(!text.utf8.contains(0xFF))
    }

    @Test(arguments: [(0, "0"), (-1, "-1"), (Int.max, "\(Int.max)"), (Int.min, "\(Int.min)")])
    func `whole numbers are written in full`(value: Int, expected: String) {
        #expect(text { $0.integer(value) } == expected)
    }

    @Test(arguments: [(0, "0.000"), (1, "0.001"), (1_500, "1.500"), (12_345_678, "12345.678")])
    func `thousandths keep their zeros`(value: Int, expected: String) {
        #expect(text { $0.number(thousandths: value) } == expected)
    }
}
