internal import Bytes
internal import HTTP1
internal import UV

/// The short way of the request that comes most: a whole image that lies ready in memory.
///
/// It does what `serve`, `GetImageEndpoint` and `Connection.respond` do together for such a
/// request, byte for byte, without an `Exchange`, a `Response` or any other allocation. A test
/// holds the two ways against each other.
extension Worker {
    private static let imagePrefix = Array("/api/images/".utf8)

    /// Answers a request if it is for an image that lies ready and asks for nothing special.
    ///
    /// - Parameter connection: the connection; its parser holds the head.
    /// - Returns: false when the request has to go the long way.
    func serveHotImage(_ connection: Connection) -> Bool {
        let started = monotonicNanoseconds()
        guard connection.state.hasWholeRequest, let entry = hotImage(connection.parser.head) else {
            return false
        }
        let context = connection.state.responseStarted()
        headBytes.removeAll(keepingCapacity: true)
        headBytes += entry.head
        appendDate()
        headBytes += Self.requestIDName
        let requestIDStart = headBytes.count
        appendRequestID(for: connection.parser.head, to: &headBytes)
        let requestID = requestIDStart..<headBytes.count
        endHead(context)
        let output = connection.output
        output.append(headBytes.span)
        output.append(entry.content)
        let sentBytes = headBytes.count + entry.content.range.count
        let microseconds = Int((monotonicNanoseconds() - started) / 1_000)
        metrics.hotImageServed(responseBytes: sentBytes, durationMicroseconds: microseconds)
        if let accessLog {
            accessLog.log(
                AccessLog.Record(
                    time: .now,
                    client: connection.peer,
                    method: Array(Method.get.rawValue.utf8),
                    path: connection.parser.head.withPath { $0.copy() },
                    status: Status.ok.code,
                    bytesSent: sentBytes,
                    durationMicroseconds: microseconds,
                    requestID: Array(headBytes[requestID])
                )
            )
        }
        connection.responseGathered()
        return true
    }

    private func hotImage(_ head: borrowing RequestHead) -> ImageCache.Entry? {
        guard head.method == .get, !head.fields.hasConditionOrRange else { return nil }
        let id = head.withPath { path -> BlobID? in
            guard path.count == Self.imagePrefix.count + BlobID.hexCount,
                path.starts(with: Self.imagePrefix)
            else { return nil }
            return BlobID(hex: path.extracting(Self.imagePrefix.count..<path.count))
        }
        guard let id else { return nil }
        return cache.entry(for: id)
    }
}
