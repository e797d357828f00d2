/// What the client sends.
extension ConnectionState {
    /// What to do with bytes that were read.
    package enum InputAction: Hashable, Sendable {
        /// Give them to the request parser.
        case parse
        /// Keep them until `responseWritten` or `bodyWanted` asks for more.
        case keep
        /// Throw them away.
        case discard
    }

    /// Bytes came in.
    ///
    /// - Parameters:
    ///   - byteCount: how many.
    ///   - now: the time, in milliseconds.
    /// - Returns: what to do with them.
    package mutating func inputReceived(_ byteCount: Int, now: UInt64) -> InputAction {
        switch state {
        case .idle, .readingHead:
            return unwritten == nil ? .parse : .keep
        case .exchange(var exchange):
            exchange.pace.received(byteCount)
            defer { state = .exchange(exchange) }
            guard case .awaited(let since) = exchange.body, unwritten == nil else { return .keep }
            exchange.pace.waited(now - since, timeouts)
            exchange.body = .awaited(since: now)
            return .parse
        case .lingering(let since, _):
            state = .lingering(since: since, lastRead: now)
            return .discard
        case .closed:
            return .discard
        }
    }

    /// The parser wants more bytes before it can give out a head.
    ///
    /// - Parameters:
    ///   - isBetweenRequests: what the parser says: nothing of a request has come yet.
    ///   - now: the time, in milliseconds.
    package mutating func headIncomplete(isBetweenRequests: Bool, now: UInt64) {
        guard case .idle = state, !isBetweenRequests else { return }
        state = .readingHead(since: now)
    }

    /// The parser gave out a head; the exchange begins.
    ///
    /// - Parameter head: what of the head concerns the connection.
    package mutating func headReceived(_ head: MessageControl) {
        requireNoExchange()
        let context = ResponseEncoder.Context(
            version: head.version,
            persistence: isShuttingDown ? .close : head.persistence,
            isHead: head.isHead
        )
        let unread: Body = head.expectsContinue ? .awaitingContinue : .paused
        state = .exchange(
            Exchange(
                body: head.hasNoBody ? .complete : unread,
                response: .pending,
                context: context
            )
        )
    }

    /// What to do when the parser refuses what came.
    package enum FailureAction: Hashable, Sendable {
        /// Answer with the error's status; the connection will close after it.
        case respond
        /// Close at once: a response is already under way, and another one cannot be told from it.
        case close
    }

    /// The parser refused what came, or a handler the rest of a body.
    ///
    /// - Returns: what to do.
    package mutating func requestRefused() -> FailureAction {
        switch state {
        case .idle, .readingHead:
            let context = ResponseEncoder.Context(persistence: .close)
            let exchange = Exchange(body: .abandoned, response: .pending, context: context)
            state = .exchange(exchange)
            return .respond
        case .exchange(var exchange):
            guard case .pending = exchange.response else {
                state = .closed
                return .close
            }
            exchange.body = .abandoned
            exchange.context.persistence = .close
            state = .exchange(exchange)
            return .respond
        case .lingering, .closed:
            state = .closed
            return .close
        }
    }

    /// What to do so that more of a body comes.
    package enum BodyAction: Hashable, Sendable {
        /// Write `100 Continue`, then read.
        case sendContinueThenRead
        /// Parse what was kept, and read.
        case read
        /// Nothing: there is no more of it.
        case nothing
    }

    /// A handler wants the next piece of the body.
    ///
    /// - Parameter now: the time, in milliseconds.
    /// - Returns: what to do.
    package mutating func bodyWanted(now: UInt64) -> BodyAction {
        guard case .exchange(var exchange) = state else { return .nothing }
        let isExpected = exchange.body == .awaitingContinue
        switch exchange.body {
        case .awaitingContinue, .paused:
            exchange.body = .awaited(since: now)
            state = .exchange(exchange)
            return isExpected ? .sendContinueThenRead : .read
        case .awaited:
            return .read
        case .complete, .abandoned:
            return .nothing
        }
    }

    /// A handler wants no more of the body for now; the time that it takes is not the client's.
    ///
    /// - Parameter now: the time, in milliseconds.
    package mutating func bodyPaused(now: UInt64) {
        guard case .exchange(var exchange) = state, case .awaited(let since) = exchange.body else {
            return
        }
        exchange.pace.waited(now - since, timeouts)
        exchange.body = .paused
        state = .exchange(exchange)
    }

    /// The parser gave out the end of the request.
    package mutating func requestEnded() {
        guard case .exchange(var exchange) = state, exchange.body != .abandoned else { return }
        exchange.body = .complete
        state = .exchange(exchange)
    }

    /// What to do at the end of the input.
    package enum EndAction: Hashable, Sendable {
        /// Close: nobody waits for anything.
        case close
        /// Give the request up, then close: its body has broken off.
        case abort
        /// Go on: the client has sent all and waits for the response.
        case finish
    }

    /// The client will send nothing more.
    ///
    /// - Returns: what to do.
    package mutating func inputEnded() -> EndAction {
        switch state {
        case .idle, .readingHead, .lingering, .closed:
            state = .closed
            return .close
        case .exchange(var exchange):
            guard exchange.body == .complete || exchange.body == .abandoned else {
                state = .closed
                return .abort
            }
            exchange.context.persistence = .close
            state = .exchange(exchange)
            return .finish
        }
    }

    private func requireNoExchange() {
        switch state {
        case .idle, .readingHead: break
        case .exchange, .lingering, .closed:
            preconditionFailure("a head came in \(description)")
        }
    }
}
