internal import Server
internal import Testing

@Suite struct HealthURLTests {
    @Test(
        arguments: [
            ("http://127.0.0.1:8001/healthz", "127.0.0.1", 8_001, "/healthz"),
            ("http://localhost", "localhost", 80, "/"),
            ("http://[::1]:9/readyz?a=b", "::1", 9, "/readyz?a=b"),
            ("http://[::1]/", "::1", 80, "/"),
        ] as [(String, String, UInt16, String)]
    )
    func `an address is taken apart`(text: String, host: String, port: UInt16, path: String) throws
    {
        let url = try #require(HealthURL(text))
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
    }

    @Test(
        arguments: [
            "", "http://", "http:///healthz", "https://127.0.0.1/", "HTTP://127.0.0.1/",
            "127.0.0.1:80",
            "http://example.com/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/",
            "http://127.0.0.1:/", "http://127.0.0.1:8o/", "http://::1/", "http://[127.0.0.1]/",
            "http://127.0.0.1/a b", "http://127.0.0.1/\r\nx: y", "http://127.0.0.1/#a",
            "http://[::1/",
            "http://user@127.0.0.1/",
        ]
    )
    func `what cannot be asked is refused`(text: String) {
        #expect(HealthURL(text) == nil)
    }

    @Test func `an address is taken at its longest and refused one byte past it`() {
        let start = "http://127.0.0.1/"
        let longest = start + String(repeating: "a", count: HealthURL.bytesMax - start.utf8.count)
        #expect(HealthURL(longest) != nil)
        #expect(HealthURL(longest + "a") == nil)
    }
}
