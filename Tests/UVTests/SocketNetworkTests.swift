internal import Testing
internal import UV

@Suite struct SocketNetworkTests {
    private func network(_ host: String) throws -> UInt64 {
        try SocketAddress(host: host, port: 1).network
    }

    @Test func `each IPv4 address stands for itself, whatever its form and port`() throws {
        #expect(try network("192.0.2.1") != network("192.0.2.2"))
        #expect(try network("192.0.2.1") == SocketAddress(host: "192.0.2.1", port: 9).network)
        #expect(try network("::ffff:192.0.2.1") == network("192.0.2.1"))
        #expect(try network("::ffff:192.0.2.1") != network("::ffff:192.0.2.2"))
    }

    @Test func `an IPv6 address stands for its first 64 bits`() throws {
        #expect(try network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9"))
        #expect(try network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
        #expect(try network("2001:db8:1:2::1") != network("2001:db9:1:2::1"))
    }
}
