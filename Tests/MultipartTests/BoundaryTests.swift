import Multipart
import Testing

@Suite struct BoundaryTests {
    @Test(arguments: [
        "b", "-", "'", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "a b", " a",
        "0123456789ABCXYZabcxyz'()+_,-./:=?",
    ])
    func `what RFC 2046 allows is a boundary`(text: String) throws {
        let boundary = try Boundary(parameterValue: text)
        #expect(boundary.bytes == Array(text.utf8))
        #expect(boundary.description == text)
    }

    @Test(arguments: [
        "", " ", "a ", "a*b", "a;b", "a\"b", "a\\b", "a\tb", "a\rb", "a\nb", "a\0b", "ä", "a{b}",
    ])
    func `anything else is refused`(text: String) {
        #expect(Boundary(text.utf8) == nil)
        #expect(throws: MultipartError.invalidBoundary) { try Boundary(parameterValue: text) }
    }

    @Test func `each byte is judged as RFC 2046 lists it`() {
        let allowed = Set(
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ".utf8
        )
        for byte in UInt8.min...UInt8.max {
            #expect((Boundary([byte, UInt8(ascii: "x")]) != nil) == allowed.contains(byte))
        }
    }

    @Test func `a boundary may have 70 bytes`() {
        #expect(Boundary(String(repeating: "x", count: 70).utf8) != nil)
    }

    @Test func `a boundary of 71 bytes is refused`() {
        #expect(Boundary(String(repeating: "x", count: 71).utf8) == nil)
    }

    @Test func `no boundary is an error of its own`() {
        #expect(throws: MultipartError.missingBoundary) { try Boundary(parameterValue: nil) }
    }

    @Test func `the delimiter has a line end and two hyphens in front`() throws {
        #expect(try Boundary(parameterValue: "b").delimiter == Array("\r\n--b".utf8))
    }
}
