import Testing
import UV

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:8001"),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0:8001"),
        ("255.255.255.255", "255.255.255.255", "255.255.255.255:8001"),
        ("localhost", "127.0.0.1", "127.0.0.1:8001"),
        ("::", "::", "[::]:8001"),
        ("::1", "::1", "[::1]:8001"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1", "[2001:db8::1]:8001"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:8001"),
        (
            "2001:db8:1111:2222:3333:4444:255.255.255.255",
            "2001:db8:1111:2222:3333:4444:ffff:ffff",
            "[2001:db8:1111:2222:3333:4444:ffff:ffff]:8001"
        ),
    ])
    func `reads numeric addresses and writes them in their canonical form`(
        text: String,
        host: String,
        description: String
    ) throws {
        let address = try SocketAddress(host: text, port: 8001)
        #expect(address.host == host)
        #expect(address.port == 8001)
        #expect(address.description == description)
    }

    @Test(arguments: [
        "", " ", "example.org", "127.0.0", "127.0.0.1.1", "127.0.0.256", "127.0.0.01x", "127.1",
        " 127.0.0.1", "127.0.0.1 ", "127.0.0.1:80", "[::1]", ":", ":::", "1::2::3", "::g",
        "1:2:3:4:5:6:7:8:9", "LOCALHOST", "0x7f.0.0.1", "127.0.0.1\u{0}", "127.0.0.1\u{0}.example",
        "::1\u{0}x",
    ])
    func `refuses everything else with EINVAL`(text: String) {
        #expect(throws: UVError.invalidArgument) { try SocketAddress(host: text, port: 80) }
    }

    @Test(arguments: [0, 1, 80, 255, 256, 8001, 65_535] as [UInt16])
    func `keeps the port in the byte order of the machine`(port: UInt16) throws {
        #expect(try SocketAddress(host: "127.0.0.1", port: port).port == port)
        #expect(try SocketAddress(host: "::1", port: port).port == port)
    }
}
