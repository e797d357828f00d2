/// The life of one connection (RFC 9112 §9), without the connection.
///
/// ```
/// idle ──first byte──▶ readingHead ──head──▶ exchange ──written, close──▶ lingering ──▶ closed
///   ▲                                           │
///   └──────────── written, keep-alive ──────────┘
/// ```
/// Everything but an exchange ends in `closed` when its time is up, at the end of the input, and at
/// shutdown. What is not obvious:
/// - One exchange at a time. Requests that are pipelined wait in the input, unread or unparsed,
///   until the response before them is written; so responses cannot overtake each other.
/// - A response that begins before the request's body has ended closes the connection: the rest of
///   the body must not be taken for a request (§9.3), and reading it may take forever.
/// - Closing goes in two steps (§9.6): our side is shut down, then what the client still sends is
///   thrown away, for a while. Closing at once could make the client's system drop the response
///   unread.
/// - Time is told by the caller, in milliseconds of any clock that never goes back.
///
/// Each event is a method whose result says what the caller has to do. Events that make no sense in
/// a state are mistakes of the caller, and trap.
package struct ConnectionState: ~Copyable {
    @usableFromInline
    enum State: Equatable {
        case idle(since: UInt64)
        case readingHead(since: UInt64)
        case exchange(Exchange)
        case lingering(since: UInt64, lastRead: UInt64)
        case closed
    }

    /// One request and its response.
    @usableFromInline
    struct Exchange: Equatable {
        @usableFromInline var body: Body
        @usableFromInline var response: Response
        @usableFromInline var context: ResponseEncoder.Context
        /// How fast the body comes.
        var pace = BodyPace()

        @usableFromInline var wantsInput: Bool {
            // A client that waits for 100 Continue may grow tired of it and send; that is no hurry
            // of ours.
            if case .awaited = body { true } else { false }
        }
    }

    @usableFromInline
    enum Body: Equatable {
        /// Nobody has asked for it yet, and the client waits for `100 Continue`.
        case awaitingContinue
        /// Nobody asks for more at the moment.
        case paused
        /// The next piece is awaited.
        case awaited(since: UInt64)
        /// All of it was read, or there is none.
        case complete
        /// The rest will not be read.
        case abandoned
    }

    @usableFromInline
    enum Response: Equatable {
        case pending
        /// Its head is written; the rest comes as fast as we and the client can.
        case writing
    }

    /// What the client has not taken yet of all that was written for it.
    @usableFromInline
    struct Unwritten: Equatable {
        var leftBytes: Int
        /// When it last took some.
        var since: UInt64
    }

    @usableFromInline var state: State
    package let timeouts: ConnectionTimeouts
    /// What the socket did not take; while there is some, nothing more is read.
    @usableFromInline var unwritten: Unwritten?
    /// Whether no further request is to be taken.
    private(set) var isShuttingDown = false

    /// Begins the life of a connection that was just accepted.
    ///
    /// - Parameters:
    ///   - timeouts: how long each step may take.
    ///   - now: the time, in milliseconds.
    package init(timeouts: ConnectionTimeouts, now: UInt64) {
        self.timeouts = timeouts
        state = .idle(since: now)
    }

    /// Whether the caller is to read from the client now.
    ///
    /// While it is not, the client is slowed down.
    @inlinable package var wantsInput: Bool {
        switch state {
        case .idle, .readingHead: unwritten == nil
        case .exchange(let exchange): exchange.wantsInput && unwritten == nil
        case .lingering: true
        case .closed: false
        }
    }

    /// Whether bytes that were read are thrown away instead of parsed.
    @inlinable package var isLingering: Bool {
        if case .lingering = state { true } else { false }
    }

    /// Whether the connection outlives the response that is being written.
    @inlinable package var keepsAlive: Bool {
        guard case .exchange(let exchange) = state,
            case .keepAlive = exchange.context.persistence
        else { return false }
        return true
    }

    /// Whether every byte of the request being served was read.
    @inlinable package var hasWholeRequest: Bool {
        if case .exchange(let exchange) = state { exchange.body == .complete } else { false }
    }

    /// Whether nothing more is to happen.
    package var isClosed: Bool { state == .closed }

    /// Whether a response is being written.
    package var isResponding: Bool {
        if case .exchange(let exchange) = state { exchange.response != .pending } else { false }
    }

    /// Whether the socket has not taken all that was written.
    @inlinable package var hasUnwritten: Bool { unwritten != nil }

    /// Whether there is neither a request nor a part of one.
    @inlinable package var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// The state in words, for logs and traps.
    package var description: String { "\(state)\(isShuttingDown ? ", shutting down" : "")" }
}

/// Shutting down and closing.
extension ConnectionState {
    /// What to do on shutdown.
    package enum ShutdownAction: Hashable, Sendable {
        /// Close at once: nothing is under way.
        case close
        /// Go on until the response is written, which will say `Connection: close`.
        case finish
    }

    /// The server is to stop: no further request is taken.
    ///
    /// A response whose head is already written keeps its word in it and still closes; one that the
    /// client has not taken to its end is not cut.
    ///
    /// - Returns: what to do.
    package mutating func shutdownRequested() -> ShutdownAction {
        isShuttingDown = true
        switch state {
        case .idle where unwritten != nil:
            return .finish
        case .idle, .lingering, .closed:
            state = .closed
            return .close
        case .readingHead:
            return .finish
        case .exchange(var exchange):
            exchange.context.persistence = .close
            state = .exchange(exchange)
            return .finish
        }
    }

    /// The connection is gone: closed by us, or broken.
    package mutating func closed() {
        state = .closed
    }
}
