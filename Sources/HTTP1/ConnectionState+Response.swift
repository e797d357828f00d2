/// What the client is sent, and what happens when time is up.
extension ConnectionState {
    /// The response is about to be written.
    ///
    /// Decides whether the connection outlives it.
    ///
    /// - Returns: the context to encode the response's head in.
    package mutating func responseStarted() -> ResponseEncoder.Context {
        guard case .exchange(var exchange) = state, exchange.response == .pending else {
            preconditionFailure("a response began in \(description)")
        }
        // RFC 9112 §9.3: whoever does not read the whole body has to close.
        if exchange.body != .complete {
            exchange.body = .abandoned
            exchange.context.persistence = .close
        }
        exchange.response = .writing
        state = .exchange(exchange)
        return exchange.context
    }

    /// The socket did not take all that was written.
    ///
    /// - Parameters:
    ///   - leftBytes: how much is left.
    ///   - now: the time, in milliseconds.
    package mutating func writeBlocked(leftBytes: Int, now: UInt64) {
        unwritten = Unwritten(leftBytes: leftBytes, since: now)
    }

    /// Looks at how much is left of what was written; less than before is progress.
    ///
    /// - Parameters:
    ///   - leftBytes: how much is left.
    ///   - now: the time, in milliseconds.
    package mutating func writeObserved(leftBytes: Int, now: UInt64) {
        guard let before = unwritten, leftBytes < before.leftBytes else { return }
        unwritten = Unwritten(leftBytes: leftBytes, since: now)
    }

    /// What to do when the socket has taken everything.
    package enum DrainedAction: Hashable, Sendable {
        /// Go on with what waited for it.
        case goOn
        /// Close: it was the last thing to do.
        case close
    }

    /// The socket has taken all that was written.
    ///
    /// - Parameter now: the time, in milliseconds.
    /// - Returns: what to do.
    package mutating func writeDrained(now: UInt64) -> DrainedAction {
        unwritten = nil
        switch state {
        case .idle where isShuttingDown:
            state = .closed
            return .close
        case .idle:
            // The client's time between two requests begins when it has the first response.
            state = .idle(since: now)
            return .goOn
        case .closed:
            return .close
        case .exchange(var exchange):
            // Nothing was read meanwhile: the time was not the client's to send the next piece in.
            if case .awaited = exchange.body {
                exchange.body = .awaited(since: now)
                state = .exchange(exchange)
            }
            return .goOn
        case .readingHead, .lingering:
            return .goOn
        }
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
    ///
    /// While a response waits for our own disk there is none.
    package var deadline: UInt64? {
        if let unwritten { return unwritten.since + timeouts.writeMilliseconds }
        return switch state {
        case .idle(let since):
            since + timeouts.idleMilliseconds
        case .readingHead(let since):
            since + timeouts.headMilliseconds
        case .exchange(let exchange):
            switch (exchange.response, exchange.body) {
            case (.writing, _): nil
            case (.pending, .awaited(let since)):
                min(
                    since + timeouts.bodyMilliseconds,
                    exchange.pace.deadline(since: since, timeouts) ?? .max
                )
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
        guard unwritten == nil else {
            state = .closed
            return .close
        }
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
