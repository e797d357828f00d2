import TestSupport
import Testing
import UV

@Suite struct TCPSharingPortTests {
    /// Each connection goes to either listener by a hash of its addresses: that the second of two
    /// gets none of so many has a chance of 2 in 2^100, so that the test has a bound and does not
    /// fail.
    private static let connectionLimit = 100

    @Test func `two loops on threads of their own share a port, and both get connections`() throws {
        // Which listener took a connection is told by the byte that it sends.
        let addresses = Handover<SocketAddress>()
        let stops = Handover<Async<Void>>()
        let first = try serve(byte: 1, at: try anyPort(), addresses, stops)
        let address = addresses.take()
        let second = try serve(byte: 2, at: address, addresses, stops)
        #expect(addresses.take().description == address.description)

        var counts: [UInt8: Int] = [:]
        try withLoop { loop in
            func next(_ left: Int) {
                guard left > 0, counts.count < 2 else { return }
                noThrow {
                    let client = try TCP(on: loop)
                    client.connect(to: address) { error in
                        #expect(error == nil)
                        collect(client) { received in
                            #expect(received.count == 1)
                            for byte in received { counts[byte, default: 0] += 1 }
                            client.close { next(left - 1) }
                        }
                    }
                }
            }
            next(Self.connectionLimit)
        }
        for _ in 0..<2 { stops.take().send(()) }
        first.join()
        second.join()
        #expect(Set(counts.keys) == [1, 2])
    }

    @Test func `a port that is not shared stays refused to one that would share`() throws {
        try withLoop { loop in
            let alone = try listener(on: loop) { $0.close() }
            let address = try #require(alone.localAddress)
            #expect(throws: UVError.addressInUse) {
                let sharing = try TCP.sharingPort(of: address, on: loop)
                defer { sharing.close() }
                try sharing.listen(backlog: 1) { _ in }
            }
            alone.close()
        }
    }

    /// Serves one byte to each connection, on a thread of its own, until it is told to stop.
    private func serve(
        byte: UInt8,
        at address: SocketAddress,
        _ addresses: Handover<SocketAddress>,
        _ stops: Handover<Async<Void>>
    ) throws -> UV.Thread {
        try UV.Thread(name: "listener \(byte)") {
            noThrow {
                try withLoop { loop in
                    let server = try TCP.sharingPort(of: address, on: loop)
                    try server.listen(backlog: 16) { [weak server] _ in
                        noThrow {
                            let connection = try TCP(on: loop)
                            try server?.accept(into: connection)
                            connection.write([OutputChunk([byte])]) { _ in connection.close() }
                        }
                    }
                    var stop: Async<Void>?
                    stop = Async(on: loop) {
                        server.close()
                        stop?.close()
                        stop = nil
                    }
                    if let stop { stops.give(stop) }
                    if let bound = server.localAddress { addresses.give(bound) }
                }
            }
        }
    }
}
