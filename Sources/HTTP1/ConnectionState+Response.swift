/// What the client is sent, and what happens when time is up.
extension ConnectionState {
    /// The response is about to be written.
    ///
    /// Decides whether the connection outlives it.
    ///
    /// - Parameter now: the time, in milliseconds.
    /// - Returns: the context to encode the response's head in.
    package mutating func responseStarted(now: UInt64) -> ResponseEncoder.Context {
        guard case .exchange(var exchange) = state, exchange.response == .pending else {
            preconditionFailure("a response began in \(description)")
        }
        // RFC 9112 §9.3: whoever does not read the whole body has to close.
        if exchange.body != .complete {
            exchange.body = .abandoned
            exchange.context.persistence = .close
        }
        exchange.response = .writing(since: now)
        state = .exchange(exchange)
        return exchange.context
    }

    /// The client took some bytes of the response.
    ///
    /// - Parameter now: the time, in milliseconds.
    package mutating func responseProgressed(now: UInt64) {
        guard case .exchange(var exchange) = state, exchange.response != .pending else { return }
        exchange.response = .writing(since: now)
        state = .exchange(exchange)
    }

    /// What to do after a response.
    package enum ResponseAction: Hashable, Sendable {
        /// Parse what was kept, then read: the next request.
        case parseNext
        /// Shut down our side; then read, and throw away what comes, until the client closes.
        case shutDownThenLinger
    }

    /// All of the response is written.
    ///
    /// - Parameter now: the time, in milliseconds.
    /// - Returns: what to do.
    package mutating func responseWritten(now: UInt64) -> ResponseAction {
        guard case .exchange(let exchange) = state, exchange.response != .pending else {
            preconditionFailure("a response ended in \(description)")
        }
        guard exchange.context.persistence == .keepAlive else {
            state = .lingering(since: now, lastRead: now)
            return .shutDownThenLinger
        }
        state = .idle(since: now)
        return .parseNext
    }

    /// When the caller is to call `deadlineReached`, in milliseconds; `nil` when nothing is awaited
    /// from the client.
    package var deadline: UInt64? {
        switch state {
        case .idle(let since):
            since + timeouts.idleMilliseconds
        case .readingHead(let since):
            since + timeouts.headMilliseconds
        case .exchange(let exchange):
            switch (exchange.response, exchange.body) {
            case (.writing(let since), _): since + timeouts.writeMilliseconds
            case (.pending, .awaited(let since)): since + timeouts.bodyMilliseconds
            case (.pending, .awaitingContinue), (.pending, .paused), (.pending, .complete),
                (.pending, .abandoned):
                nil
            }
        case .lingering(let since, let lastRead):
            min(
                since + timeouts.lingerTotalMilliseconds,
                lastRead + timeouts.lingerMilliseconds
            )
        case .closed:
            nil
        }
    }

    /// What to do when time is up.
    package enum DeadlineAction: Hashable, Sendable {
        /// Nothing: it is not up yet.
        case wait
        /// Answer 408; the connection will close after it.
        case respondRequestTimeout
        /// Give up whatever is under way, and close.
        case close
    }

    /// A timer of the caller fired, perhaps too early.
    ///
    /// - Parameter now: the time, in milliseconds.
    /// - Returns: what to do.
    package mutating func deadlineReached(now: UInt64) -> DeadlineAction {
        guard let deadline, deadline <= now else { return .wait }
        switch state {
        case .readingHead:
            _ = requestRefused()
            return .respondRequestTimeout
        case .exchange(let exchange) where exchange.response == .pending:
            _ = requestRefused()
            return .respondRequestTimeout
        case .idle, .exchange, .lingering, .closed:
            state = .closed
            return .close
        }
    }
}
