import TestSupport
import Testing
import UV

@Suite struct StreamRequestsTests {
    /// More than the kernel buffers for a connection, both sides together: by default it lets them
    /// grow to 4 MiB for sending and 6 MiB for receiving (man 7 tcp: tcp_wmem, tcp_rmem).
    private static let overload = 24 << 20

    @Test func `a write completes once, after write has returned`() throws {
        var order: [String] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                client.write([OutputChunk([1])]) { error in
                    order.append(error?.name ?? "written")
                    client.close()
                    server.close()
                }
                order.append("returned")
            }
        }
        #expect(order == ["returned", "written"])
    }

    @Test func `chunks and writes arrive in order`() throws {
        let sent = pattern(count: 10_000)
        var received: [UInt8] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(copying: sent)
                for start in stride(from: 0, to: 10_000, by: 100) {
                    // An empty part in the middle costs nothing and breaks nothing.
                    client.write([
                        OutputChunk(buffer, start..<start + 30),
                        OutputChunk(buffer, start..<start),
                        OutputChunk(buffer, start + 30..<start + 100),
                    ]) { #expect($0 == nil) }
                }
                client.shutdown { _ in client.close() }
                collect(server) {
                    received = $0
                    server.close()
                }
            }
        }
        // Not inside the macro, which would look for the difference of megabytes, byte by byte.
        let isUnchanged = received == sent
        #expect(isUnchanged)
    }

    @Test func `more chunks than one system call takes are all written`() throws {
        // IOV_MAX is 1024 on Linux.
        var received: [UInt8] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let chunks = (0..<2_500).map { OutputChunk([UInt8($0 % 251)]) }
                client.write(chunks) { #expect($0 == nil) }
                client.shutdown { _ in client.close() }
                collect(server) {
                    received = $0
                    server.close()
                }
            }
        }
        #expect(received == pattern(count: 2_500))
    }

    @Test func `a reader that stops stops the writer, and resuming drains it`() throws {
        var received = 0
        var isWritten = false
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(capacity: Self.overload)
                noThrow {
                    try server.startReading(into: lendMemory) { event in
                        guard case .bytes(_, let range) = event else { return server.close() }
                        received += range.count
                    }
                }
                server.stopReading()
                client.write([OutputChunk(buffer, 0..<Self.overload)]) { error in
                    #expect(error == nil)
                    isWritten = true
                    #expect(client.writeQueueSize == 0)
                    client.close()
                }
                watchQueue(of: client) { stuck in
                    #expect(stuck > 0)
                    #expect(stuck < Self.overload, "the kernel takes some")
                    #expect(!isWritten)
                    #expect(received == 0)
                    noThrow { try server.resumeReading() }
                }
            }
        }
        #expect(isWritten)
        #expect(received == Self.overload)
    }

    @Test func `tryWrite takes a part, and write sends the rest after it`() throws {
        let sent = pattern(count: Self.overload)
        var received: [UInt8] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(copying: sent)
                noThrow {
                    var taken = 0
                    var last = -1
                    // The kernel may make room meanwhile; once full, it says so without an error.
                    while last != 0 {
                        let rest = [OutputChunk(buffer, taken..<Self.overload)]
                        last = try client.tryWrite(rest.span)
                        taken += last
                    }
                    #expect(taken > 0)
                    #expect(taken < Self.overload)
                    let rest = [OutputChunk(buffer, taken..<Self.overload)]
                    client.write(rest) { #expect($0 == nil) }
                    let overtaking = try client.tryWrite(rest.span)
                    #expect(overtaking == 0, "nothing may overtake a write under way")
                }
                client.shutdown { _ in client.close() }
                collect(server) {
                    received = $0
                    server.close()
                }
            }
        }
        // Not inside the macro, which would look for the difference of megabytes, byte by byte.
        let isUnchanged = received == sent
        #expect(isUnchanged)
    }

    @Test func `closing ends every write and shutdown under way with ECANCELED, in order`() throws {
        var order: [String] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(capacity: Self.overload)
                for i in 1...3 {
                    client.write([OutputChunk(buffer, 0..<Self.overload)]) {
                        order.append("write \(i) \($0?.name ?? "done")")
                    }
                }
                client.shutdown { order.append("shutdown \($0?.name ?? "done")") }
                client.close { order.append("closed") }
                server.close()
                order.append("returned")
            }
        }
        #expect(
            order == [
                "returned", "write 1 ECANCELED", "write 2 ECANCELED", "write 3 ECANCELED",
                "shutdown ECANCELED", "closed",
            ]
        )
    }

    @Test func `the memory of a write is kept until its completion and no longer`() throws {
        weak var trace: Buffer?
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                do {
                    let buffer = Buffer(capacity: Self.overload)
                    trace = buffer
                    client.write([OutputChunk(buffer, 0..<Self.overload)]) { _ in client.close() }
                }
                #expect(trace != nil)
                collect(server) { _ in server.close() }
            }
        }
        #expect(trace == nil)
    }

    @Test func `writing to a peer that reset the connection fails`() throws {
        var names: [String] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                server.reset {
                    client.write([OutputChunk([1])]) { names.append($0?.name ?? "written") }
                    client.write([OutputChunk([1])]) { error in
                        names.append(error?.name ?? "written")
                        client.close()
                    }
                }
            }
        }
        // The first write learns of the reset, the second finds the write side closed.
        #expect(names == ["ECONNRESET", "EPIPE"])
    }

    @Test func `a second shutdown fails and the first goes on`() throws {
        var names: [String] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                client.shutdown { names.append($0?.name ?? "done") }
                client.shutdown { names.append($0?.name ?? "done") }
                collect(server) { received in
                    #expect(received.isEmpty)
                    client.close()
                    server.close()
                }
            }
        }
        #expect(names.sorted() == ["ENOTCONN", "done"])
    }

    @Test func `a write of no chunk traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in
                try connectedPair(on: loop) { client, _ in client.write([]) { _ in } }
            }
        }
        requireMessage("a write has at least one chunk", in: result)
    }

    /// Calls back with the size of the write queue once the kernel takes no more of it: when it has
    /// stood still for several turns of the loop.
    private func watchQueue(of stream: Stream, _ body: @escaping (Int) -> Void) {
        noThrow {
            let timer = try Timer(on: stream.loop)
            var last = -1
            var stillCount = 0
            timer.start(afterMilliseconds: 1, repeatMilliseconds: 1) {
                stillCount = stream.writeQueueSize == last ? stillCount + 1 : 0
                last = stream.writeQueueSize
                guard stillCount == 20 else { return }
                timer.close()
                body(last)
            }
        }
    }
}
