internal import Bytes
internal import HTTP1
internal import UV

/// One connection of a client: the only place where bytes of libuv meet the HTTP parser.
///
/// What state a connection is in, and what may happen in it, is `ConnectionState`'s business; this
/// class does the input and output that it asks for. Rules that are not obvious:
/// - Requests are answered in their order: while one is being answered no further one is parsed,
///   and what was read of it waits in `unparsed` with reading stopped. So a client that pipelines
///   without end is held up by its own socket.
/// - Everything that is written is gathered in the loop's `OutputBatch` and flushed before the
///   callback that caused it returns; requests that came in one read are answered in one write.
/// - While the socket has not taken what was written, nothing is parsed.
final class Connection {
    let worker: Worker
    let tcp: TCP
    /// The client's address, for the log.
    let peer: [UInt8]
    var parser: RequestParser
    var state: ConnectionState
    /// The request being served.
    var exchange: Exchange?
    /// Takes the body of that request.
    var body: (any RequestBody)?
    /// Content that is read from a blob while it is sent.
    var blobSender: BlobSender?
    /// Bytes that were read while no request could be parsed.
    var unparsed: OutputChunk?
    /// Writes that the socket did not take at once and that are not done.
    var writesUnderWay = 0
    /// Whether a callback of this connection parses right now, and will flush.
    var isAdvancing = false
    private(set) var isClosed = false

    /// Takes over an accepted socket.
    ///
    /// - Parameters:
    ///   - tcp: the socket.
    ///   - worker: the loop's world, which keeps the connection until it is closed.
    ///   - timeouts: how long each of its steps may take.
    init(_ tcp: TCP, worker: Worker, timeouts: ConnectionTimeouts) {
        self.tcp = tcp
        self.worker = worker
        peer = Array((tcp.peerAddress?.host ?? "-").utf8)
        parser = RequestParser(limits: worker.configuration.httpLimits)
        state = ConnectionState(timeouts: timeouts, now: worker.loop.now)
    }

    /// Starts to serve.
    func start() {
        tcp.disableDelay()
        do throws(UVError) {
            // Both hold the connection, and the socket lets go of them when it is closed: until
            // then the worker keeps it anyway.
            try tcp.startReading(
                into: { [self] in lend() },
                onRead: { [self] event in readEnded(event) }
            )
        } catch {
            close()
        }
    }

    /// Where bytes to be written are gathered; whoever adds some flushes before it returns.
    var output: OutputBatch { worker.output.claimed(by: ObjectIdentifier(self)) }

    /// Milliseconds of the loop's clock.
    var now: UInt64 { worker.loop.now }

    /// Whether a request is still to be answered.
    ///
    /// - Parameter exchange: the request.
    /// - Returns: false when the connection is gone or the request was answered.
    func isServing(_ exchange: Exchange) -> Bool { self.exchange === exchange && !isClosed }

    // MARK: Reading

    private func lend() -> OutputChunk? {
        guard let body, state.wantsInput else { return worker.readMemory }
        switch body.lend() {
        case .own(let chunk): return chunk
        case .shared: return worker.readMemory
        case .later:
            state.bodyPaused(now: now)
            return nil
        }
    }

    private func readEnded(_ event: TCP.ReadEvent) {
        switch event {
        case .bytes(let buffer, let range):
            switch state.inputReceived(range.count, now: now) {
            case .parse: advance(buffer, range)
            case .keep: hold(buffer, range)
            case .discard: break
            }
        case .endOfStream:
            inputEnded()
        case .failed:
            close()
        }
    }

    /// Keeps bytes for later, and reads no more of them meanwhile.
    ///
    /// They are copied, so that what waits costs its own size and no read buffer.
    private func hold(_ buffer: Buffer, _ range: Range<Int>) {
        precondition(unparsed == nil, "reading goes on only when all that was read is parsed")
        unparsed = OutputChunk(buffer.span.copy(range))
        tcp.stopReading()
    }

    /// Half a close: what was asked completely is still answered.
    private func inputEnded() {
        if exchange != nil, !state.hasWholeRequest, !state.isResponding { breakOff(.bodyEndsEarly) }
        guard !isClosed else { return }
        switch state.inputEnded() {
        case .close, .abort:
            // What was answered already still goes out; `writeEnded` closes then.
            if !state.hasUnwritten { close() }
        case .finish:
            break
        }
    }

    // MARK: Parsing

    /// Parses bytes as far as requests can be served now.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - range: the bytes in it that were not parsed yet.
    private func advance(_ buffer: Buffer, _ range: Range<Int>) {
        isAdvancing = true
        var offset = range.lowerBound
        parse(buffer, upTo: range.upperBound, from: &offset)
        isAdvancing = false
        guard !isClosed else { return }
        body?.readEnded()
        flush()
        guard !isClosed else { return }
        if offset < range.upperBound, !state.isLingering {
            hold(buffer, offset..<range.upperBound)
        }
        readOn()
    }

    private func parse(_ buffer: Buffer, upTo end: Int, from offset: inout Int) {
        let input = buffer.span.extracting(0..<end)
        while canParse {
            let event: RequestParser.Event
            do throws(HTTPError) {
                event = try parser.next(input, at: &offset)
            } catch {
                breakOff(Problem(error))
                return
            }
            switch event {
            case .needMoreData:
                let isBetween = parser.isBetweenRequests
                state.headIncomplete(isBetweenRequests: isBetween, now: now)
                return
            case .head:
                headArrived(input, at: &offset)
            case .body(let range):
                guard let body else { continue }
                guard !body.keepsBuffers || worker.keepReadMemory(buffer) else {
                    exchange?.respond(.outOfMemory)
                    continue
                }
                body.receive(buffer, range)
            case .end:
                state.requestEnded()
                body.take()?.end()
            }
            if worker.output.isFull { flush() }
            // Nothing is left, and nothing has begun: the usual end, found without the parser.
            if offset == end, state.isIdle { return }
        }
    }

    private var canParse: Bool { !isClosed && state.wantsInput && !state.isLingering }

    private func headArrived(_ input: Span<UInt8>, at offset: inout Int) {
        state.headReceived(parser.head.control)
        // A request without a body is complete with its head. Its end is taken here, so that the
        // parser is ready for the next request when this one is answered at once.
        if state.hasWholeRequest {
            // It cannot fail: no byte is looked at.
            guard case .end? = try? parser.next(input, at: &offset) else {
                preconditionFailure("a request without a body ends with its head")
            }
        }
        worker.serve(self)
    }

    /// Goes on after something that stopped parsing or reading is over.
    func resume() {
        guard !isAdvancing, !isClosed else { return }
        if canParse, let chunk = unparsed.take() {
            // First, because afterwards the request may be complete: reading goes on all the same,
            // or a client that leaves would not be noticed.
            readOn()
            advance(chunk.buffer, chunk.range)
        } else {
            readOn()
        }
    }

    /// Reads on, unless what was read waits or nothing is wanted.
    ///
    /// (While an answer is being prepared reading stays as it is: most clients send nothing then,
    /// and switching it costs system calls.)
    private func readOn() {
        guard unparsed == nil, state.wantsInput, !isClosed else { return }
        do throws(UVError) { try tcp.resumeReading() } catch { close() }
    }

    // MARK: What endpoints ask for

    /// See `Exchange.accept`.
    func accept(_ body: any RequestBody, for exchange: Exchange) {
        guard isServing(exchange) else {
            body.abort()
            return
        }
        switch state.bodyWanted(now: now) {
        case .nothing:
            body.end()
            return
        case .sendContinueThenRead where unparsed == nil:
            let response = ResponseEncoder.continueResponse
            output.append(response.span)
            if !isAdvancing { flush() }
        case .sendContinueThenRead, .read:
            break
        }
        self.body = body
        resume()
    }

    /// See `Exchange.pauseReading`.
    func pauseReading(for exchange: Exchange) {
        guard isServing(exchange) else { return }
        state.bodyPaused(now: now)
        tcp.stopReading()
    }

    /// See `Exchange.resumeReading`.
    func resumeReading(for exchange: Exchange) {
        guard isServing(exchange) else { return }
        _ = state.bodyWanted(now: now)
        resume()
    }

    // MARK: The end

    /// Answers a request that cannot be understood, or not to its end, and ends the connection.
    ///
    /// - Parameter problem: what is wrong.
    func breakOff(_ problem: Problem) {
        switch state.requestRefused() {
        case .respond: answerRefusal(problem)
        case .close: close()
        }
    }

    /// Answers what was refused; the state knows already.
    func answerRefusal(_ problem: Problem) {
        let exchange = exchange ?? worker.exchangeForBrokenRequest(on: self)
        self.exchange = exchange
        exchange.respond(problem)
    }

    /// Takes no further request: closes at once if none is under way and all is written.
    func shutDown() {
        switch state.shutdownRequested() {
        case .close: close()
        case .finish: break
        }
    }

    /// How a connection is ended.
    enum Ending {
        /// What the kernel has taken still goes out.
        case orderly
        /// The client gets a reset, and what it did not take is dropped.
        case reset
    }

    /// Ends the connection at once.
    ///
    /// - Parameter ending: what becomes of what was written.
    func close(_ ending: Ending = .orderly) {
        guard !isClosed else { return }
        isClosed = true
        state.closed()
        worker.output.discard(of: ObjectIdentifier(self))
        body.take()?.abort()
        blobSender.take()?.close()
        exchange = nil
        unparsed = nil
        switch ending {
        case .orderly: tcp.close { [self] in worker.connectionClosed(self) }
        case .reset: tcp.reset { [self] in worker.connectionClosed(self) }
        }
    }
}
