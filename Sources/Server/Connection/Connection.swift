internal import HTTP1
internal import UV

/// One connection of a client: the only place where bytes of libuv meet the HTTP parser.
///
/// ```
///            ┌────────────────────── response written, connection kept ─────────────────────┐
///            ▼                                                                              │
///     awaitingRequest ──head──▶ deciding ──accept──▶ receiving ──end──▶ answering ──respond─▶ sending
///            │                     └────────────────── respond (body unread) ───────────────┘  │
///            │ broken request: answered, then                                                  │
///            └────────────────────────────▶ lingering ◀── response written, connection ends ───┘
/// ```
/// Rules that are not obvious:
/// - Requests are answered in their order: while one is being answered no further one is parsed, and
///   what was read of it waits in `unparsed` with reading stopped. So a client that pipelines without
///   end is held up by its own socket.
/// - A response to a request whose body was not read to its end closes the connection, because the
///   rest of the body would be read as a request. It lingers first (RFC 9112 §9.6): were it closed
///   with bytes unread, the reset would destroy the response on its way.
/// - Everything that is written is gathered in the loop's `OutputBatch` and flushed before the callback
///   that caused it returns.
final class Connection {
    /// The states of the diagram.
    enum Phase: Hashable {
        case awaitingRequest, deciding, receiving, answering, sending, lingering, closed
    }

    let worker: Worker
    let tcp: TCP
    /// The client's address, for the log.
    let peer: [UInt8]
    var parser: RequestParser
    var phase = Phase.awaitingRequest
    /// The request being served.
    var exchange: Exchange?
    /// Takes the body of that request.
    var body: (any RequestBody)?
    /// Whether all bytes of that request were read.
    var requestIsComplete = false
    /// Whether the connection ends with the response being sent.
    var endsAfterResponse = false
    /// Content that is read from a blob while it is sent.
    var blobSender: BlobSender?
    /// Bytes that were read while no request could be parsed.
    var unparsed: OutputChunk?
    /// Whether the socket did not take all that was written yet.
    var isWriting = false
    /// Whether a callback of this connection parses right now, and will flush.
    var isAdvancing = false
    /// Whether the client sent its last byte.
    var peerEnded = false
    var isReadingPaused = false
    var deadline = Deadline.never
    /// What `writeQueueSize` was when the write deadline was last looked at.
    var lastWriteQueueSize = 0
    /// Whether a request was answered already, which decides between two timeouts.
    var hasServed = false

    /// Takes over an accepted socket.
    ///
    /// - Parameters:
    ///   - tcp: the socket.
    ///   - worker: the loop's world, which keeps the connection until it is closed.
    init(_ tcp: TCP, worker: Worker) {
        self.tcp = tcp
        self.worker = worker
        peer = Array((tcp.peerAddress?.host ?? "-").utf8)
        parser = RequestParser(limits: worker.configuration.httpLimits)
    }

    /// Starts to serve.
    func start() {
        tcp.disableDelay()
        deadline = worker.deadline(.head)
        do throws(UVError) {
            try tcp.startReading(
                into: { [unowned self] in lend() },
                onRead: { [unowned self] event in readEnded(event) }
            )
        } catch {
            close()
        }
    }

    /// Whether a request is still to be answered.
    ///
    /// - Parameter exchange: the request.
    /// - Returns: false when the connection is gone or the request was answered.
    func isServing(_ exchange: Exchange) -> Bool {
        self.exchange === exchange && phase != .closed
    }

    // MARK: Reading

    private func lend() -> OutputChunk {
        if phase == .receiving, let chunk = body?.lend() { return chunk }
        return worker.readMemory
    }

    private func readEnded(_ event: TCP.ReadEvent) {
        switch event {
        case .bytes(let buffer, let range):
            bytesArrived(buffer, range)
        case .endOfStream:
            peerEnded = true
            peerEndedSending()
        case .failed:
            close()
        }
    }

    private func bytesArrived(_ buffer: Buffer, _ range: Range<Int>) {
        switch phase {
        case .awaitingRequest, .receiving:
            advance(buffer, range)
        case .deciding, .answering, .sending:
            hold(buffer, range)
        case .lingering:
            worker.extendLinger(of: self)
        case .closed:
            break
        }
    }

    /// Keeps bytes for later, and reads no more of them meanwhile.
    private func hold(_ buffer: Buffer, _ range: Range<Int>) {
        precondition(unparsed == nil, "reading goes on only when all that was read is parsed")
        unparsed = OutputChunk(buffer, range)
        worker.readMemoryWasKept(buffer)
        tcp.stopReading()
    }

    /// Half a close: what was asked completely is still answered.
    private func peerEndedSending() {
        switch phase {
        case .awaitingRequest, .lingering, .closed:
            close()
        case .receiving:
            breakOff(Problem.bodyEndsEarly)
        case .deciding where !requestIsComplete:
            close()
        case .deciding, .answering, .sending:
            endsAfterResponse = true
        }
    }

    // MARK: Parsing

    /// Parses bytes as far as requests can be served now.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - range: the bytes in it that were not parsed yet.
    func advance(_ buffer: Buffer, _ range: Range<Int>) {
        isAdvancing = true
        var offset = range.lowerBound
        parse(buffer, upTo: range.upperBound, from: &offset)
        isAdvancing = false
        if phase != .closed {
            body?.readEnded()
            flush()
        }
        if offset < range.upperBound, phase != .closed, phase != .lingering {
            hold(buffer, offset..<range.upperBound)
        }
        resumeIfIdle()
        updateDeadline()
    }

    private func parse(_ buffer: Buffer, upTo end: Int, from offset: inout Int) {
        let input = buffer.span.extracting(0..<end)
        while (phase == .awaitingRequest || phase == .receiving) && !isWriting {
            let event: RequestParser.Event
            do throws(HTTPError) {
                event = try parser.next(input, at: &offset)
            } catch {
                breakOff(Problem(error))
                return
            }
            switch event {
            case .needMoreData:
                return
            case .head:
                headArrived(input, at: &offset)
            case .body(let range):
                guard let body else { continue }
                if body.keepsBuffers { worker.readMemoryWasKept(buffer) }
                body.receive(buffer, range)
            case .end:
                requestEnded()
            }
            if worker.output.isFull { flush() }
        }
    }

    /// A request without a body is complete with its head, so that its end is taken here and an
    /// endpoint can answer it before anything else is parsed.
    private func headArrived(_ input: Span<UInt8>, at offset: inout Int) {
        requestIsComplete = false
        if parser.head.framing == .none || parser.head.framing == .contentLength(0) {
            let event = try? parser.next(input, at: &offset)  // cannot fail: no byte is looked at
            precondition(event == .end, "a request without a body ends with its head")
            requestIsComplete = true
        }
        phase = .deciding
        worker.serve(self)
    }

    private func requestEnded() {
        requestIsComplete = true
        phase = .answering
        body.take()?.end()
    }

    /// Parses on after something that stopped it is over.
    func resume() {
        let canParse = phase == .awaitingRequest || (phase == .receiving && !isReadingPaused)
        guard !isAdvancing, canParse, !isWriting else {
            updateDeadline()
            return
        }
        if let chunk = unparsed.take() {
            advance(chunk.buffer, chunk.range)
        } else {
            resumeIfIdle()
            updateDeadline()
        }
    }

    /// Reads on if nothing that was read waits, and nobody asked for a pause.
    func resumeIfIdle() {
        guard unparsed == nil, !isReadingPaused, phase != .closed else { return }
        if peerEnded {
            if phase == .awaitingRequest { close() }
            return
        }
        do throws(UVError) { try tcp.resumeReading() } catch { close() }
    }

    // MARK: What endpoints ask for

    /// See `Exchange.accept`.
    func accept(_ body: any RequestBody, for exchange: Exchange) {
        guard isServing(exchange), phase == .deciding else {
            body.abort()
            return
        }
        if requestIsComplete {
            phase = .answering
            body.end()
            return
        }
        self.body = body
        phase = .receiving
        if exchange.head.expectsContinue, unparsed == nil {
            worker.output.append(Self.continueResponse.span)
            if !isAdvancing { flush() }
        }
        resume()
    }

    private static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// See `Exchange.pauseReading`.
    func pauseReading(for exchange: Exchange) {
        guard isServing(exchange) else { return }
        isReadingPaused = true
        tcp.stopReading()
        updateDeadline()
    }

    /// See `Exchange.resumeReading`.
    func resumeReading(for exchange: Exchange) {
        guard isServing(exchange), isReadingPaused else { return }
        isReadingPaused = false
        resume()
    }

    // MARK: The end

    /// Answers a request that cannot be understood, or not to its end, and ends the connection.
    ///
    /// - Parameter problem: what is wrong.
    func breakOff(_ problem: Problem) {
        requestIsComplete = false
        let exchange = exchange ?? worker.exchangeForBrokenRequest(on: self)
        self.exchange = exchange
        body.take()?.abort()
        respond(Response(problem), to: exchange)
    }

    /// Ends the connection if no request is under way; otherwise it ends with the response.
    func closeIfIdle() {
        if phase == .awaitingRequest, parser.isBetweenRequests, !isWriting { close() }
    }

    /// Ends the connection at once.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        deadline = .never
        body.take()?.abort()
        blobSender.take()?.close()
        exchange = nil
        unparsed = nil
        tcp.close { [self] in worker.connectionClosed(self) }
    }
}
