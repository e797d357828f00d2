import Glibc
import TestSupport
import Testing
import UV

@Suite struct TCPTests {
    @Test func `a connection knows both of its addresses`() throws {
        var isChecked = false
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                isChecked = true
                #expect(client.peerAddress?.description == server.localAddress?.description)
                #expect(server.peerAddress?.description == client.localAddress?.description)
                #expect(server.peerAddress?.host == "127.0.0.1")
                #expect(server.peerAddress?.port != 0)
                client.disableDelay()
                client.close()
                server.close()
                #expect(client.peerAddress == nil)
            }
        }
        #expect(isChecked)
    }

    @Test func `a socket that is not connected has no peer`() throws {
        try withLoop { loop in
            let socket = try TCP(on: loop)
            #expect(socket.peerAddress == nil)
            #expect(socket.localAddress == nil)
            try socket.bind(to: try anyPort())
            #expect(socket.localAddress?.host == "127.0.0.1")
            socket.close()
        }
    }

    @Test func `connecting to a port without a listener is refused, asynchronously`() throws {
        var order: [String] = []
        try withLoop { loop in
            // Bound but not listening: nobody else can be given this port meanwhile.
            let bound = try TCP(on: loop)
            try bound.bind(to: try anyPort())
            let client = try TCP(on: loop)
            client.connect(to: try #require(bound.localAddress)) { error in
                order.append(error?.name ?? "connected")
                client.close()
                bound.close()
            }
            order.append("returned")
        }
        #expect(order == ["returned", "ECONNREFUSED"])
    }

    @Test func `connecting twice is refused, asynchronously, and the first goes on`() throws {
        var order: [String] = []
        try withLoop { loop in
            let client = try TCP(on: loop)
            var server: TCP?
            server = try listener(on: loop) { connection in
                connection.close()
                server?.close()
                server = nil
            }
            let address = try #require(server?.localAddress)
            client.connect(to: address) { error in
                order.append(error?.name ?? "connected")
                client.close()
            }
            client.connect(to: address) { error in order.append(error?.name ?? "connected twice") }
            order.append("returned")
        }
        #expect(order.first == "returned")
        #expect(Set(order) == ["returned", "connected", "EALREADY"])
        #expect(order.count == 3)
    }

    @Test func `closing while connecting ends the attempt with ECANCELED, once`() throws {
        var order: [String] = []
        try withLoop { loop in
            let server = try listener(on: loop) { $0.close() }
            let client = try TCP(on: loop)
            client.connect(to: try #require(server.localAddress)) { error in
                order.append(error?.name ?? "connected")
            }
            client.close { order.append("closed") }
            server.close()
        }
        #expect(order == ["ECANCELED", "closed"])
    }

    @Test func `connecting a closed socket fails asynchronously`() throws {
        var order: [String] = []
        try withLoop { loop in
            let client = try TCP(on: loop)
            let address = try SocketAddress(host: "127.0.0.1", port: 9)
            client.close {
                client.connect(to: address) { order.append($0?.name ?? "connected") }
                order.append("returned")
            }
            client.connect(to: address) { order.append($0?.name ?? "connected") }
        }
        #expect(order == ["ECANCELED", "returned", "ECANCELED"])
    }

    @Test func `binding a closed socket is refused`() throws {
        try withLoop { loop in
            let socket = try TCP(on: loop)
            socket.close()
            #expect(throws: UVError.invalidArgument) { try socket.bind(to: try anyPort()) }
        }
    }

    @Test func `listening on a taken port is EADDRINUSE`() throws {
        try withLoop { loop in
            let first = try listener(on: loop) { $0.close() }
            let second = try TCP(on: loop)
            #expect(throws: UVError.addressInUse) {
                try second.bind(to: try #require(first.localAddress))
                try second.listen(backlog: 1) { _ in }
            }
            first.close()
            second.close()
        }
    }

    @Test func `an address of another machine cannot be bound`() throws {
        try withLoop { loop in
            // TEST-NET-3 of RFC 5737: never ours.
            let elsewhere = try SocketAddress(host: "203.0.113.1", port: 0)
            let error = #expect(throws: UVError.self) {
                try TCP.sharingPort(of: elsewhere, on: loop)
            }
            #expect(error?.name == "EADDRNOTAVAIL")
        }
    }

    @Test func `without a descriptor left a socket is refused and released`() async {
        await #expect(processExitsWith: .success) {
            try withLoop { loop in
                let address = try anyPort()
                let limit = try ProcessLimit(RLIMIT_NOFILE, to: 0)
                #expect(throws: UVError.tooManyOpenFiles) {
                    try TCP.sharingPort(of: address, on: loop)
                }
                try limit.lift()
            }
        }
    }

    @Test func `a reset reaches the peer as ECONNRESET`() throws {
        var outcome = ""
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                noThrow {
                    try server.startReading(into: lendMemory) { event in
                        switch event {
                        case .bytes: outcome += "bytes "
                        case .endOfStream: outcome += "end"
                        case .failed(let error): outcome += error.name
                        }
                        server.close()
                    }
                }
                client.reset { client.reset() }
            }
        }
        #expect(outcome == "ECONNRESET")
    }

    @Test func `a socket without a descriptor can be reset`() throws {
        var isClosed = false
        try withLoop { loop in
            try TCP(on: loop).reset { isClosed = true }
        }
        #expect(isClosed)
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6 loopback"))
    func `IPv6 connects as IPv4 does`() throws {
        var peer: SocketAddress?
        try withLoop { loop in
            let server = try TCP.sharingPort(of: try SocketAddress(host: "::1", port: 0), on: loop)
            try server.listen(backlog: 1) { [weak server] error in
                noThrow {
                    #expect(error == nil)
                    let connection = try TCP(on: loop)
                    try server?.accept(into: connection)
                    peer = connection.peerAddress
                    connection.close()
                    server?.close()
                }
            }
            let client = try TCP(on: loop)
            client.connect(to: try #require(server.localAddress)) { error in
                #expect(error == nil)
                client.close()
            }
        }
        #expect(peer?.host == "::1")
        #expect(peer?.description.hasPrefix("[::1]:") == true)
    }
}

/// Whether ::1 can be bound.
private let hasIPv6: Bool = {
    var isBound = false
    try? withLoop { loop in
        let socket = try TCP(on: loop)
        defer { socket.close() }
        try socket.bind(to: try SocketAddress(host: "::1", port: 0))
        isBound = true
    }
    return isBound
}()
