internal import Bytes
package import UV

/// Asks a server once how it is: connect, one `GET`, the status line of the answer.
///
/// ```
/// connecting ──▶ asking ──status line──▶ done
///      └────────────┴─ error, end, timeout ──▶ done
/// ```
/// All of it lives on the loop that `run` makes and runs, so whoever calls waits.
package final class HealthProbe {
    /// What came of it.
    package enum Verdict: Hashable, Sendable {
        /// The server answered with a status of 200 to 299.
        case healthy
        /// It did not; the words say what happened instead.
        case unhealthy(String)
    }

    /// The longest status line in bytes; those that matter have 15.
    static let statusLineBytesMax = 1_024

    private let socket: TCP
    private let timer: Timer
    private let buffer = Buffer(capacity: statusLineBytesMax)
    private var filled = 0
    private var verdict: Verdict?

    private init(on loop: Loop) throws(UVError) {
        socket = try TCP(on: loop)
        do throws(UVError) {
            timer = try Timer(on: loop)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Asks a server, and waits for the answer.
    ///
    /// - Parameters:
    ///   - url: what to ask.
    ///   - timeoutMilliseconds: how long to wait for all of it together.
    /// - Returns: the verdict.
    /// - Throws: what making the loop or a handle answered.
    package static func run(
        _ url: HealthURL,
        timeoutMilliseconds: UInt64
    ) throws(UVError) -> Verdict {
        let address = try SocketAddress(host: url.host, port: url.port)
        let loop = try Loop()
        let probe = try HealthProbe(on: loop)
        probe.timer.start(afterMilliseconds: timeoutMilliseconds) {
            probe.finish(.unhealthy("no answer within \(timeoutMilliseconds) ms"))
        }
        probe.socket.connect(to: address) { error in
            if let error {
                probe.finish(.unhealthy("cannot connect (\(error))"))
            } else {
                probe.ask(url)
            }
        }
        loop.run()
        return probe.verdict ?? .unhealthy("no answer")
    }

    private func ask(_ url: HealthURL) {
        // Connecting may end in the same iteration as the time.
        guard verdict == nil else { return }
        // RFC 9112 §3.2: `Host` is required; `close` spares the server a connection nobody uses.
        let request =
            "GET \(url.path) HTTP/1.1\r\nHost: \(url.authority)\r\nConnection: close\r\n\r\n"
        socket.write([OutputChunk(Array(request.utf8))]) { error in
            if let error { self.finish(.unhealthy("cannot ask (\(error))")) }
        }
        do throws(UVError) {
            try socket.startReading { [self] in
                OutputChunk(buffer, filled..<buffer.capacity)
            } onRead: { [self] event in
                received(event)
            }
        } catch {
            finish(.unhealthy("cannot read (\(error))"))
        }
    }

    private func received(_ event: UV.Stream.ReadEvent) {
        switch event {
        case .bytes(let buffer, let range):
            filled = range.upperBound
            let lineEnd = buffer.span.extracting(0..<filled).firstIndex(of: UInt8(ascii: "\n"))
            if let lineEnd {
                finish(Self.verdict(onStatusLine: buffer.span.copy(0..<lineEnd)))
            } else if filled == buffer.capacity {
                finish(.unhealthy("the answer is not HTTP"))
            }
        case .endOfStream:
            finish(.unhealthy("the connection ended before the answer"))
        case .failed(let error):
            finish(.unhealthy("the connection broke (\(error))"))
        }
    }

    /// Judges a status line: `HTTP/1.x SP 3DIGIT SP …` (RFC 9112 §4).
    private static func verdict(onStatusLine line: [UInt8]) -> Verdict {
        let version = Array("HTTP/1.".utf8)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let afterVersion = line.dropFirst(version.count + 1)
        // Ends at the blank before the reason, or where a lax server leaves both out.
        let status = afterVersion.dropFirst().prefix { $0 > UInt8(ascii: " ") }
        guard line.starts(with: version), afterVersion.first == UInt8(ascii: " "),
            status.count == 3, status.allSatisfy({ digits.contains($0) })
        else { return .unhealthy("the answer is not HTTP") }
        if status.first == UInt8(ascii: "2") { return .healthy }
        let text = String(decoding: status, as: UTF8.self)
        return .unhealthy("the server answered with status \(text)")
    }

    /// Keeps the first verdict and lets the loop end.
    private func finish(_ verdict: Verdict) {
        guard self.verdict == nil else { return }
        self.verdict = verdict
        socket.close()
        timer.close()
    }
}
