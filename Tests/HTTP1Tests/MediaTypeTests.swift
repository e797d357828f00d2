import HTTP1
import Testing

@Suite struct `Media type` {
    @Test(arguments: [
        ("text/html", "text", "html", []),
        ("TEXT/HTML", "text", "html", []),
        ("multipart/form-data; boundary=AbC", "multipart", "form-data", ["boundary=AbC"]),
        ("multipart/form-data;BOUNDARY=\"a b\"", "multipart", "form-data", ["boundary=a b"]),
        ("text/plain ; charset=\"a\\\"b\\c\" ;x=y", "text", "plain", ["charset=a\"bc", "x=y"]),
        ("text/plain;", "text", "plain", []),
        ("text/plain; ;a=b;", "text", "plain", ["a=b"]),
        ("text/plain;a=\"\"", "text", "plain", ["a="]),
        ("image/svg+xml", "image", "svg+xml", []),
    ])
    func `is read with its parameters`(
        _ value: String,
        _ type: String,
        _ subtype: String,
        _ parameters: [String]
    ) throws {
        let media = try #require(MediaType(parsing: value))
        #expect(media.matches(type, subtype))
        #expect(media.parameters.map { "\($0.name)=\($0.value)" } == parameters)
    }

    @Test(arguments: [
        "", "text", "text/", "/html", "text/html/x", "text /html", "text/ html", " text/html",
        "text/html charset=x", "text/html;charset", "text/html;charset=", "text/html;charset = x",
        "text/html;charset=x y", "text/html;a=\"b", "text/html;a=\"b\\", "text/html;a=\"b\"c",
        "text/html;a=b;A=c", "text/html,text/plain", "text/html;a=\"\u{7F}\"", "te(xt/html",
    ])
    func `what is no media type is not read`(_ value: String) {
        #expect(MediaType(parsing: value) == nil)
    }

    @Test func `a parameter is found by its name in lower case`() throws {
        let media = try #require(MediaType(parsing: "a/b; Boundary=X; c=d"))
        #expect(media.parameter("boundary") == "X")
        #expect(media.parameter("x") == nil)
    }

    @Test func `sixteen parameters are read and seventeen are not`() {
        let list = { (count: Int) in "a/b" + (0..<count).map { ";p\($0)=v" }.joined() }
        #expect(MediaType(parsing: list(16))?.parameters.count == 16)
        #expect(MediaType(parsing: list(17)) == nil)
    }
}
