import Bytes
import Testing
import UV

/// Runs what may throw inside a callback, which itself may not, and records the error as a failure.
func noThrow(_ body: () throws -> Void) {
    do { try body() } catch { Issue.record(error) }
}

/// Any address of this machine with a port that the system chooses.
func anyPort() throws -> SocketAddress { try SocketAddress(host: "127.0.0.1", port: 0) }

/// A listener on 127.0.0.1 that hands over each connection it accepts.
func listener(on loop: Loop, _ onAccept: @escaping (TCP) -> Void) throws -> TCP {
    let server = try TCP(on: loop)
    try server.bind(to: try anyPort())
    // Weak, because a listener that its own closure holds would go only with `close`; tests that
    // look at what is released must not depend on that.
    try server.listen(backlog: 16) { [weak server] error in
        noThrow {
            #expect(error == nil)
            let connection = try TCP(on: loop)
            try server?.accept(into: connection)
            onAccept(connection)
        }
    }
    return server
}

/// Makes one connection through 127.0.0.1 and hands over both of its ends, once both are open; the
/// listener is closed by then.
func connectedPair(
    on loop: Loop,
    _ body: @escaping (_ client: TCP, _ server: TCP) -> Void
) throws {
    let client = try TCP(on: loop)
    var accepted: TCP?
    var isConnected = false
    var begin: (() -> Void)? = {
        guard isConnected, let server = accepted else { return }
        accepted = nil
        body(client, server)
    }
    var waiting: TCP?
    waiting = try listener(on: loop) { connection in
        waiting?.close()
        waiting = nil
        accepted = connection
        begin?()
        if accepted == nil { begin = nil }
    }
    client.connect(to: try #require(waiting?.localAddress)) { error in
        #expect(error == nil)
        isConnected = true
        begin?()
        if accepted == nil, waiting == nil { begin = nil }
    }
}

/// Memory for one read; fresh each time, so that what was read before stays as it is.
func lendMemory() -> OutputChunk { OutputChunk(Buffer(capacity: 65_536), 0..<65_536) }

/// Reads a stream to its end and hands over all that came, or fails the test.
func collect(_ stream: Stream, _ completion: @escaping ([UInt8]) -> Void) {
    var received: [UInt8] = []
    noThrow {
        try stream.startReading(into: lendMemory) { event in
            switch event {
            case .bytes(let buffer, let range): received.append(buffer.span.extracting(range))
            case .endOfStream: completion(received)
            case .failed(let error): Issue.record(error)
            }
        }
    }
}

/// Bytes that tell a wrong place apart: their period is a prime, unlike every buffer size.
func pattern(count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    let period = [UInt8](0..<251)
    while bytes.count + period.count <= count { bytes += period }
    return bytes + period[..<(count - bytes.count)]
}
