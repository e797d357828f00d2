import TestSupport
import Testing
import UV

/// What a stream does that was never opened, or is closed already: a connection may go at any
/// moment, also between a piece of work and its completion.
@Suite struct StreamClosedTests {
    @Test func `reading from a socket that is not connected is refused`() throws {
        try withLoop { loop in
            let socket = try TCP(on: loop)
            let error = #expect(throws: UVError.self) {
                try socket.startReading(into: lendMemory) { _ in _ = socket }
            }
            #expect(error?.name == "ENOTCONN")
            socket.close()
        }
    }

    @Test func `reading from a closed stream is refused and keeps no closure`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            let socket = try TCP(on: loop)
            socket.close()
            let witness = Witness()
            trace = witness
            #expect(throws: UVError.canceled) {
                // The usual cycle: a stream's closure that holds the stream. Nobody would break it.
                try socket.startReading(into: lendMemory) { _ in
                    witness.touch()
                    socket.stopReading()
                }
            }
        }
        #expect(trace == nil)
    }

    @Test func `listening on a closed stream is refused and keeps no closure`() throws {
        weak var trace: Witness?
        try withLoop { loop in
            let socket = try TCP(on: loop)
            socket.close()
            let witness = Witness()
            trace = witness
            #expect(throws: UVError.canceled) {
                try socket.listen(backlog: 1) { _ in
                    witness.touch()
                    socket.close()
                }
            }
        }
        #expect(trace == nil)
    }

    @Test func `resuming a closed stream is refused, not a trap`() throws {
        var isChecked = false
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                noThrow { try server.startReading(into: lendMemory) { _ in } }
                server.stopReading()
                // What happens when the peer's connection is given up while a worker still has a
                // piece of its upload: the worker's completion resumes a stream that is gone.
                server.close()
                loop.work {
                } completion: {
                    isChecked = true
                    #expect(throws: UVError.canceled) { try server.resumeReading() }
                    server.stopReading()
                }
                client.close()
            }
        }
        #expect(isChecked)
    }

    @Test func `resuming what was never started traps`() async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            try withLoop { loop in try TCP(on: loop).resumeReading() }
        }
        requireMessage("reading was never started", in: result)
    }

    @Test func `accepting into a closed stream is refused`() throws {
        var error: UVError?
        try withLoop { loop in
            let server = try TCP(on: loop)
            try server.bind(to: try anyPort())
            try server.listen(backlog: 1) { _ in
                noThrow {
                    let closed = try TCP(on: loop)
                    closed.close()
                    error = #expect(throws: UVError.self) { try server.accept(into: closed) }
                }
                server.close()
            }
            let client = try TCP(on: loop)
            client.connect(to: try #require(server.localAddress)) { _ in client.close() }
        }
        #expect(error == .canceled)
    }

    @Test func `write and shutdown on a closed stream fail asynchronously`() throws {
        var order: [String] = []
        try withLoop { loop in
            let socket = try TCP(on: loop)
            socket.close()
            socket.write([OutputChunk([1])]) { order.append("write \($0?.name ?? "done")") }
            socket.shutdown { order.append("shutdown \($0?.name ?? "done")") }
            #expect(throws: UVError.canceled) {
                let chunks = [OutputChunk([1])]
                _ = try socket.tryWrite(chunks.span)
            }
            #expect(socket.writeQueueSize == 0)
            order.append("returned")
        }
        #expect(order == ["returned", "write ECANCELED", "shutdown ECANCELED"])
    }

    @Test func `what libuv refuses at once fails asynchronously, too`() throws {
        var order: [String] = []
        weak var trace: Witness?
        try withLoop { loop in
            let socket = try TCP(on: loop)
            do {
                let witness = Witness()
                trace = witness
                socket.write([OutputChunk([1])]) {
                    witness.touch()
                    order.append("write \($0?.name ?? "done")")
                }
            }
            socket.shutdown { order.append("shutdown \($0?.name ?? "done")") }
            order.append("returned")
            loop.run()
            #expect(trace == nil, "the refused request was kept")
            socket.close()
        }
        #expect(order == ["returned", "write EBADF", "shutdown ENOTCONN"])
    }
}
