internal import Bytes
internal import HTTP1
internal import UV

/// The short way of the requests that come most: for an image that lies ready in memory.
///
/// It does what `serve`, `GetImageEndpoint` and `Connection.respond` do together for such a
/// request, byte for byte, without an `Exchange`, a `Response` or any other allocation. A test
/// holds the two ways against each other.
extension Worker {
    /// What such a request is answered with.
    private enum HotAnswer {
        case whole
        case head
        case notModified
        case range(Range<Int>)

        var status: HotImageCounts.Status {
            switch self {
            case .whole, .head: .ok
            case .notModified: .notModified
            case .range: .partialContent
            }
        }
    }

    private static let imagePrefix = Array("/api/images/".utf8)

    /// An image that lies ready, and how a request for it is answered.
    private struct HotImage {
        let entry: ImageCache.Entry
        let answer: HotAnswer
        /// Whether the client named the request itself.
        let isNamed: Bool
    }

    /// Answers a request if it is for an image that lies ready and asks for nothing rare.
    ///
    /// - Parameter connection: the connection; its parser holds the head.
    /// - Returns: false when the request has to go the long way.
    func serveHotImage(_ connection: Connection) -> Bool {
        let started = monotonicNanoseconds()
        guard connection.state.hasWholeRequest,
            let hot = hotImage(connection.parser.head),
            // A clock that was put back makes the ready `Last-Modified` one of the future.
            hot.entry.lastModified <= headEnd.date(loopMilliseconds: loop.now)
        else { return false }
        let context = connection.state.responseStarted()
        let output = connection.output
        let bytesBefore = output.byteCount
        append(hot.answer, hot.entry, to: output)
        if hot.isNamed || !context.needsNoField {
            appendEnd(of: connection, context, to: output)
        } else {
            headEnd.appendNext(to: output, loopMilliseconds: loop.now)
        }
        switch hot.answer {
        case .whole: output.append(hot.entry.content)
        case .range(let range): output.append(hot.entry.content.part(range))
        case .head, .notModified: break
        }
        let sentBytes = output.byteCount - bytesBefore
        let microseconds = Int((monotonicNanoseconds() - started) / 1_000)
        let status = hot.answer.status
        turn.hotImageServed(
            status,
            responseBytes: sentBytes,
            durationMicroseconds: microseconds
        )
        if accessLog != nil {
            logHotImage(connection, status, sentBytes: sentBytes, microseconds: microseconds)
        }
        connection.responseGathered()
        return true
    }

    private func hotImage(_ head: RequestHead) -> HotImage? {
        switch head.method {
        case .get, .head: break
        default: return nil
        }
        let entry = head.withPath { path -> ImageCache.Entry? in
            guard path.starts(with: Self.imagePrefix) else { return nil }
            return cache.entry(named: path.extracting(Self.imagePrefix.count..<path.count))
        }
        guard let entry, let answer = hotAnswer(head, entry) else { return nil }
        return HotImage(entry: entry, answer: answer, isNamed: head.hasRequestID)
    }

    /// Decides what is sent; `nil` for what only the long way can decide.
    private func hotAnswer(_ head: RequestHead, _ entry: ImageCache.Entry) -> HotAnswer? {
        let isHead = head.control.isHead
        guard head.hasConditionOrRange else { return isHead ? .head : .whole }
        if head.fields.hasOnlyConditionOrRange(.ifNoneMatch) {
            let isSame = head.fields.withFirst(.ifNoneMatch) { $0.equals(entry.quotedTag) }
            return isSame == true ? .notModified : nil
        }
        guard !isHead, head.fields.hasOnlyConditionOrRange(.range) else { return nil }
        let sizeBytes = UInt64(entry.content.range.count)
        let range = head.fields.withFirst(.range) { value in
            ByteRange.single(parsing: value, sizeBytes: sizeBytes)
        }
        guard let range = range ?? nil else { return nil }
        return .range(Int(range.lowerBound)..<Int(range.upperBound))
    }

    private func append(_ answer: HotAnswer, _ entry: ImageCache.Entry, to output: OutputBatch) {
        switch answer {
        case .whole, .head:
            entry.head.appendWhole(to: output)
        case .notModified:
            entry.head.appendNotModified(to: output)
        case .range(let range):
            entry.head.appendPartial(range, of: entry.content.range.count, to: output)
        }
    }

    /// Adds the end of a head that is not the usual one.
    private func appendEnd(
        of connection: Connection,
        _ context: ResponseEncoder.Context,
        to output: OutputBatch
    ) {
        var end = Array(headEnd.dateLine(loopMilliseconds: loop.now))
        end += requestID(for: connection.parser.head)
        endHead(context, into: &end)
        output.append(end.span)
    }

    private func logHotImage(
        _ connection: Connection,
        _ status: HotImageCounts.Status,
        sentBytes: Int,
        microseconds: Int
    ) {
        let head = connection.parser.head
        let echoed = head.fields.withFirst(.xRequestID) { value in
            RequestIDGenerator.accepts(value) ? value.copy() : nil
        }
        log(
            AccessLog.Record(
                time: .now,
                client: connection.peer,
                method: Array(head.method.rawValue.utf8),
                path: head.withTarget { $0.copy() },
                status: status.rawValue,
                bytesSent: sentBytes,
                durationMicroseconds: microseconds,
                requestID: (echoed ?? nil) ?? headEnd.requestID
            )
        )
    }
}
