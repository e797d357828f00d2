@testable internal import Server
internal import Testing

@Suite struct GenerateUploadLinkTests {
    private static let maximum: Int64 = 604_800

    /// The expiry that a body asks for, or the word of the problem.
    private func outcome(_ body: [UInt8]) -> String {
        switch GenerateUploadLinkEndpoint.expirySeconds(body, maximum: Self.maximum) {
        case .success(let seconds): "\(seconds)"
        case .failure(let error): error.problem.code.rawValue
        }
    }

    private func outcome(_ body: String) -> String { outcome(Array(body.utf8)) }

    @Test(
        arguments: [
            "", " \r\n\t", "{}", #"{"expiry": null}"#, #"{"expires": 5}"#, #"{"Expiry": 5}"#,
        ]
    )
    func `a request that names no time gets a minute`(body: String) {
        #expect(outcome(body) == "60")
    }

    @Test(
        arguments: [
            ("1", "1"), ("60", "60"), ("60.0", "60"), ("6e1", "60"), ("604800", "604800"),
            ("604800.000", "604800"), ("0.6E+2", "60"),
        ]
    )
    func `a whole number of seconds is taken however it is written`(text: String, seconds: String) {
        #expect(outcome("{\"expiry\": \(text)}") == seconds)
        #expect(outcome("\n{\"note\":[1,{\"a\":null}],\"expiry\":\(text),\"b\":\"c\"} ") == seconds)
    }

    @Test(
        arguments: [
            "0", "-1", "604801", "604800.5", "0.5", "1e300", "-1e300", "9223372036854775807",
            "9223372036854775808", "18446744073709551617", #""60""#, "true", "false", "[60]",
            #"{"a":1}"#, #""""#,
        ]
    )
    func `what is no acceptable number of seconds is refused with 422`(value: String) {
        #expect(outcome("{\"expiry\": \(value)}") == "invalid_expiry")
    }

    @Test(
        arguments: [
            "{", "}", "{\"expiry\": }", "{\"expiry\": 60", "{\"expiry\": 60,}", "{expiry: 60}",
            "{'expiry': 60}", "{\"expiry\": NaN}", "{\"expiry\": Infinity}", "{\"expiry\": 060}",
            "{\"expiry\": +60}", "{\"expiry\": 0x3C}", "{\"expiry\": 60} x", "expiry=60",
            "{\"expiry\": 60}{}", "60", "[]", "\"a\"", "true", "{\"expiry\": 60. }",
            "// no\n{\"expiry\": 60}",
        ]
    )
    func `what is no JSON object is refused with 400`(body: String) {
        #expect(outcome(body) == "invalid_json")
    }

    @Test func `the largest time that is allowed is allowed, and one second more is not`() {
        for maximum in [1, 60, 315_360_000] as [Int64] {
            for (value, isTaken) in [(maximum, true), (maximum + 1, false)] {
                let body = Array("{\"expiry\":\(value)}".utf8)
                let result = GenerateUploadLinkEndpoint.expirySeconds(body, maximum: maximum)
                #expect((try? result.get()) == (isTaken ? maximum : nil))
            }
        }
    }

    @Test func `bytes that are no UTF-8 are refused with 400`() {
        let string = Array("{\"a\":\"".utf8) + [0xFF, 0xC0] + Array("\"}".utf8)
        #expect(outcome(string) == "invalid_json")
        #expect(outcome([0x7B, 0x80, 0x7D]) == "invalid_json")
        #expect(outcome([0]) == "invalid_json")
    }

    @Test func `another encoding than UTF-8 is refused with 400`() {
        // RFC 8259 §8.1: UTF-8, and nothing else between systems that do not know each other.
        let utf16 = Array("{\"expiry\":5}".utf8).flatMap {
            (byte: UInt8) -> [UInt8] in [byte, 0]
        }
        #expect(outcome(utf16) == "invalid_json")
        #expect(outcome([0xFF, 0xFE] + utf16) == "invalid_json")
    }

    @Test func `a byte order mark is ignored or refused, and never taken for something else`() {
        let body = [0xEF, 0xBB, 0xBF] + Array("{\"expiry\": 5}".utf8)
        #expect(["5", "invalid_json"].contains(outcome(body)))
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func `deep nesting ends in an answer, not in the end of the process`(
        open: String,
        close: String
    ) {
        let depth = GenerateUploadLinkEndpoint.bodyBytesMax / (open.utf8.count + close.utf8.count)
        let (begin, end) = (
            String(repeating: open, count: depth), String(repeating: close, count: depth)
        )
        let deep = begin + "1" + end
        #expect(outcome(deep) == "invalid_json")
        #expect(outcome("{\"x\":\(deep),\"expiry\":5}") == "invalid_json")
        #expect(outcome(begin) == "invalid_json")
    }
}
