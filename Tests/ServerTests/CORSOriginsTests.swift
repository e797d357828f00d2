internal import Bytes
internal import Server
internal import Testing

@Suite struct CORSOriginsTests {
    private func read(_ text: String) throws -> CORSOrigins {
        try Configuration.read(environment: ["API_KEY": "k", "CORS_ORIGINS": text]).corsOrigins
    }

    private func allows(_ origins: CORSOrigins, _ origin: String) -> Bool {
        let bytes = Array(origin.utf8)
        return origins.allows(bytes.span)
    }

    @Test func `an origin is allowed byte by byte, and no other`() throws {
        let origins = try read("https://a.example , http://localhost:3000")
        #expect(allows(origins, "https://a.example"))
        #expect(allows(origins, "http://localhost:3000"))
        let others = [
            "http://a.example", "https://a.example:444", "https://b.a.example",
            "https://a.example/",
            "HTTPS://a.example", "null", "", "http://localhost",
        ]
        for other in others { #expect(!allows(origins, other), "\(other)") }
    }

    @Test(arguments: ["", " ", "\t"])
    func `none is allowed by default`(text: String) throws {
        #expect(try read(text).origins.isEmpty)
    }

    @Test(
        arguments: [
            "https://a.example", "http://xn--bcher-kva.example", "http://my_host:1",
            "http://[::1]:8080", "http://[2001:db8::1]", "https://a.example:65535",
        ]
    )
    func `an origin as browsers send it is taken`(text: String) throws {
        #expect(allows(try read(text), text))
    }

    @Test(
        arguments: [
            "*", "null", "a.example", "ftp://a.example", "https://", "https://a.example/",
            "https://A.example", "https://a.example:443", "http://a.example:80",
            "https://a.example:",
            "https://a.example:0443", "https://a.example:65536", "https://a b",
            "https://u@a.example",
            "https://a.example,", ",https://a.example", "http://[]", "http://[::1",
            "https://ä.example",
            "https://a.example https://b.example", "https://a.example\r\nx: y",
        ]
    )
    func `what no browser sends is refused`(text: String) throws {
        #expect(throws: ConfigurationError.self) { try read(text) }
    }

    @Test func `the greatest number is taken, and one more refused`() throws {
        let most = (0..<CORSOrigins.countMax).map { "https://\($0).example" }
        #expect(try read(most.joined(separator: ",")).origins.count == CORSOrigins.countMax)
        #expect(throws: ConfigurationError.self) {
            try read((most + ["https://more.example"]).joined(separator: ","))
        }
    }
}
