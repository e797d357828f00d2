import Bytes
import TestSupport
import Testing
import UV

@Suite struct StreamTests {
    @Test(arguments: [1, 65_536, 3_000_000])
    func `what is echoed comes back unchanged`(byteCount: Int) throws {
        let sent = pattern(count: byteCount)
        var received: [UInt8] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                noThrow {
                    try server.startReading(into: lendMemory) { event in
                        switch event {
                        case .bytes(let buffer, let range):
                            server.write([OutputChunk(buffer, range)]) { #expect($0 == nil) }
                        case .endOfStream:
                            server.shutdown { _ in server.close() }
                        case .failed(let error):
                            Issue.record(error)
                        }
                    }
                }
                collect(client) {
                    received = $0
                    client.close()
                }
                client.write([OutputChunk(sent)]) { #expect($0 == nil) }
                client.shutdown { #expect($0 == nil) }
            }
        }
        // Not inside the macro, which would look for the difference of megabytes, byte by byte.
        let isUnchanged = received == sent
        #expect(isUnchanged)
    }

    @Test func `after a half close the other direction still works`() throws {
        var received: [UInt8] = []
        var order: [String] = []
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                collect(server) { request in
                    order.append("server saw the end after \(request.count) bytes")
                    server.write([OutputChunk([4, 5, 6])]) { #expect($0 == nil) }
                    server.shutdown { _ in server.close() }
                }
                collect(client) {
                    order.append("client saw the end")
                    received = $0
                    client.close()
                }
                client.write([OutputChunk([1, 2])]) { _ in }
                client.shutdown { #expect($0 == nil) }
            }
        }
        #expect(received == [4, 5, 6])
        #expect(order == ["server saw the end after 2 bytes", "client saw the end"])
    }

    @Test func `bytes land in the lent range and nowhere else`() throws {
        var pieces: [[UInt8]] = []
        try withLoop { loop in
            let buffer = Buffer(capacity: 16)
            try connectedPair(on: loop) { client, server in
                noThrow {
                    try server.startReading(into: { OutputChunk(buffer, 6..<10) }) { event in
                        switch event {
                        case .bytes(_, let range):
                            #expect(range.lowerBound == 6)
                            #expect(range.upperBound <= 10)
                            pieces.append(buffer.span.extracting(range).copy())
                        case .endOfStream, .failed:
                            #expect(buffer.span.extracting(0..<6).copy() == [0, 0, 0, 0, 0, 0])
                            #expect(buffer.span.extracting(10..<16).copy() == [0, 0, 0, 0, 0, 0])
                            server.close()
                        }
                    }
                }
                client.write([OutputChunk(pattern(count: 11))]) { _ in client.close() }
            }
        }
        #expect(pieces.flatMap { $0 } == pattern(count: 11))
        #expect(pieces.allSatisfy { $0.count <= 4 })
    }

    @Test func `without memory for it nothing is read until resumeReading`() throws {
        var received: [UInt8] = []
        var refusalCount = 0
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(capacity: 4)
                var hasMemory = false
                let lend = { () -> OutputChunk? in
                    if hasMemory { return OutputChunk(buffer, 0..<4) }
                    refusalCount += 1
                    // Two turns later, so that a read that went on by itself would ask again.
                    loop.enqueue {
                        loop.enqueue {
                            hasMemory = true
                            noThrow { try server.resumeReading() }
                        }
                    }
                    return nil
                }
                noThrow {
                    try server.startReading(into: lend) { event in
                        guard case .bytes(_, let range) = event else { return server.close() }
                        received += buffer.span.extracting(range).copy()
                        hasMemory = received.count % 8 != 4
                    }
                }
                client.write([OutputChunk(pattern(count: 16))]) { _ in client.close() }
            }
        }
        #expect(received == pattern(count: 16))
        #expect(refusalCount == 3)
    }

    @Test func `stopReading inside a read holds back what comes next, resumeReading gives it`()
        throws
    {
        var received: [UInt8] = []
        var isStopped = false
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(capacity: 1)
                noThrow {
                    try server.startReading(into: { OutputChunk(buffer, 0..<1) }) { event in
                        #expect(!isStopped, "a read came although reading was stopped")
                        guard case .bytes(_, let range) = event else { return server.close() }
                        received += buffer.span.extracting(range).copy()
                        server.stopReading()
                        server.stopReading()
                        isStopped = true
                        // A whole turn of the loop later, so that a read that ignored the stop
                        // would have come.
                        loop.enqueue {
                            loop.enqueue {
                                isStopped = false
                                noThrow {
                                    try server.resumeReading()
                                    try server.resumeReading()
                                }
                            }
                        }
                    }
                }
                client.write([OutputChunk([1, 2, 3])]) { _ in client.close() }
            }
        }
        #expect(received == [1, 2, 3])
    }

    @Test func `closed in its own read callback it gives nothing more`() throws {
        var count = 0
        try withLoop { loop in
            try connectedPair(on: loop) { client, server in
                let buffer = Buffer(capacity: 1)
                noThrow {
                    try server.startReading(into: { OutputChunk(buffer, 0..<1) }) { _ in
                        count += 1
                        server.close()
                    }
                }
                client.write([OutputChunk([1, 2, 3])]) { _ in client.close() }
            }
        }
        #expect(count == 1)
    }

    @Test func `a listener closed in its own callback takes no further connection`() throws {
        var acceptedCount = 0
        try withLoop { loop in
            var server: TCP?
            server = try listener(on: loop) { connection in
                acceptedCount += 1
                connection.close()
                server?.close()
                server = nil
            }
            let address = try #require(server?.localAddress)
            for _ in 0..<3 {
                let client = try TCP(on: loop)
                client.connect(to: address) { _ in client.close() }
            }
        }
        #expect(acceptedCount == 1)
    }

    @Test func `accepting without a waiting connection is EAGAIN`() throws {
        try withLoop { loop in
            let server = try listener(on: loop) { $0.close() }
            let connection = try TCP(on: loop)
            #expect(throws: UVError.wouldBlock) { try server.accept(into: connection) }
            connection.close()
            server.close()
        }
    }
}
