internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import Logging
internal import UV

/// From a request's head to its endpoint.
extension Worker {
    /// Serves the request whose head a connection has read.
    ///
    /// - Parameter connection: the connection; its parser holds the head.
    func serve(_ connection: Connection) {
        if serveHotImage(connection) { return }
        let started = monotonicNanoseconds()
        let head = connection.parser.head
        let exchange = Exchange(
            head: head,
            route: head.withPath { Route(path: $0) },
            requestID: requestID(for: head),
            startedNanoseconds: started,
            connection: connection
        )
        connection.exchange = exchange
        exchange.standingFields = CORS.fields(for: exchange, configuration.corsOrigins)
        dispatch(exchange)
    }

    /// Makes a stand-in for a request that could not be read, so that it is answered and logged
    /// like any other, with what is known of it.
    ///
    /// - Parameter connection: where it came from.
    /// - Returns: an exchange without a route.
    func exchangeForBrokenRequest(on connection: Connection) -> Exchange {
        Exchange(
            head: connection.parser.unfinishedHead,
            route: .unknown,
            requestID: newRequestID(),
            startedNanoseconds: monotonicNanoseconds(),
            connection: connection
        )
    }

    private func dispatch(_ exchange: Exchange) {
        let (head, route) = (exchange.head, exchange.route)
        if head.method == .options {
            exchange.respond(CORS.preflight(exchange, configuration.corsOrigins))
            return
        }
        guard route != .unknown else {
            exchange.respond(.pathNotFound)
            return
        }
        guard route.methods.contains(head.method) else {
            exchange.respond(.methodNotAllowed(route))
            return
        }
        guard !route.needsKey || Authorization.isGranted(exchange, configuration.keys) else {
            refuseKey(exchange)
            return
        }
        switch route {
        case .health: OperationsEndpoints.health(exchange)
        case .readiness: OperationsEndpoints.readiness(exchange)
        case .metrics: OperationsEndpoints.metrics(exchange)
        case .openAPIJSON, .openAPIYAML: OpenAPIEndpoint.serve(exchange)
        case .page, .pageFile, .docs, .docsFile: SiteEndpoint.serve(exchange)
        case .generateUploadLink, .uploadImages, .image, .stats, .statsDetails:
            guard let services else {
                exchange.respond(.notReady)
                return
            }
            dispatch(exchange, services)
        case .unknown: break
        }
    }

    /// Answers a request whose key is missing or wrong; late when wrong ones pile up.
    private func refuseKey(_ exchange: Exchange) {
        let isMetrics = exchange.route == .metrics
        let problem: Problem = isMetrics ? .unauthorizedForMetrics : .unauthorized
        // A key that is missing is no guess.
        let isGuess = Authorization.isTried(exchange)
        let verdict = isGuess ? keyThrottle.keyFailed(from: exchange.network, now: loop.now) : nil
        switch verdict {
        case .firstLate:
            log.warning("many wrong keys from one address; further ones are refused late")
        case .late: break
        case .atOnce, nil:
            exchange.respond(problem)
            return
        }
        let isLate =
            !exchange.head.expectsContinue && lateRefusals.add(exchange, problem, now: loop.now)
        if !isLate { exchange.respond(problem) }
    }

    private func dispatch(_ exchange: Exchange, _ services: Services) {
        switch exchange.route {
        case .generateUploadLink where !shared.memory.isAmple,
            .uploadImages where !shared.memory.isAmple:
            exchange.respond(.outOfMemory)
        case .generateUploadLink:
            GenerateUploadLinkEndpoint.serve(exchange, services: services)
        case .uploadImages(let link):
            UploadEndpoint.serve(exchange, link: link, services: services)
        case .image(let id):
            GetImageEndpoint.serve(exchange, id: id, services: services)
        case .stats:
            StatsEndpoint.serve(exchange, services: services, encode: StatsEndpoint.summary)
        case .statsDetails:
            StatsEndpoint.serve(exchange, services: services, encode: StatsEndpoint.details)
        case .health, .readiness, .metrics, .openAPIJSON, .openAPIYAML, .page, .pageFile, .docs,
            .docsFile, .unknown:
            break
        }
    }

    // MARK: Responses

    /// Encodes the head of a response.
    ///
    /// - Parameters:
    ///   - response: the response.
    ///   - exchange: what it answers.
    ///   - context: what the connection's state makes of it.
    /// - Returns: the head, valid until the next call; its memory is used again.
    func head(
        of response: Response,
        to exchange: Exchange,
        _ context: ResponseEncoder.Context
    ) -> [UInt8] {
        headBytes.removeAll(keepingCapacity: true)
        ResponseEncoder.encodeStatusLine(response.status, into: &headBytes)
        for field in response.fields {
            ResponseEncoder.encode(field.name, field.value, into: &headBytes)
        }
        for (name, value) in exchange.standingFields {
            ResponseEncoder.encode(name, value, into: &headBytes)
        }
        if !response.status.neverHasContent {
            ResponseEncoder.encode(.contentLength, "\(response.contentLength)", into: &headBytes)
        }
        headBytes += headEnd.dateLine(loopMilliseconds: loop.now)
        headBytes += exchange.requestID
        endHead(context, into: &headBytes)
        return headBytes
    }

    /// Adds what every head ends with.
    ///
    /// - Parameters:
    ///   - context: what the connection's state makes of the response.
    ///   - bytes: the head; a value without its line end is its last.
    func endHead(_ context: ResponseEncoder.Context, into bytes: inout [UInt8]) {
        bytes += Self.lineEnd
        ResponseEncoder.encodeConnection(context, into: &bytes)
        bytes += Self.lineEnd
    }

    private static let lineEnd = Array("\r\n".utf8)

    /// Counts and logs a response.
    ///
    /// - Parameters:
    ///   - response: the response.
    ///   - exchange: what it answers.
    ///   - connection: where it goes.
    ///   - sentBytes: bytes of its head and content.
    func responded(
        _ response: Response,
        to exchange: Exchange,
        on connection: Connection,
        sentBytes: Int
    ) {
        let nanoseconds = monotonicNanoseconds() - exchange.startedNanoseconds
        let microseconds = Int(nanoseconds / 1_000)
        metrics.requestAnswered(
            route: exchange.route.metricRoute,
            status: response.status.code,
            responseBytes: sentBytes,
            durationMicroseconds: microseconds
        )
        guard accessLog != nil else { return }
        log(
            AccessLog.Record(
                time: .now,
                client: connection.peer,
                method: Array(exchange.head.method.rawValue.utf8),
                path: exchange.head.withTarget { $0.copy() },
                status: response.status.code,
                bytesSent: sentBytes,
                durationMicroseconds: microseconds,
                requestID: exchange.requestID
            )
        )
    }

    /// Logs a request; the line is written with those of the same turn of the loop.
    ///
    /// - Parameter record: the request and its answer.
    func log(_ record: AccessLog.Record) {
        guard let accessLog else { return }
        var record = record
        record.hideKeys(configuration.keys)
        accessLog.encode(record, into: &accessLines)
        if accessLines.count >= Self.accessLinesBytesMax { writeAccessLines() }
    }

    /// Hands over what was gathered in a turn of the loop: counts and log lines.
    ///
    /// Once a turn rather than once a request, because each takes a mutex that others share.
    func turnEnded() {
        turnOfAcceptingEnded()
        if turn.requests > 0 {
            metrics.add(turn)
            turn.reset()
        }
        if !accessLines.isEmpty { writeAccessLines() }
    }

    private func writeAccessLines() {
        accessLog?.write(accessLines)
        accessLines.removeAll(keepingCapacity: true)
    }

    /// Bytes of log lines that are handed over at once, before the turn ends: some 500 lines.
    private static let accessLinesBytesMax = 64 << 10

    // MARK: Errors of the stores

    /// Logs an error of the store in full, and says what the client is told.
    ///
    /// - Parameter error: the error.
    /// - Returns: the answer.
    func problem(_ error: BlobStoreError) -> Problem {
        metrics.storageFailed()
        log.error("\(error)")
        return Problem(error)
    }

    /// Logs an error of the catalog in full, and says what the client is told.
    ///
    /// - Parameter error: the error.
    /// - Returns: the answer.
    func problem(_ error: CatalogError) -> Problem {
        metrics.storageFailed()
        log.error("\(error)")
        return Problem(error)
    }

    /// Notes that a response had to be broken off.
    ///
    /// - Parameter result: what reading answered.
    func blobReadFailed(_ result: Result<Int, BlobStoreError>) {
        metrics.storageFailed()
        switch result {
        case .success(let count): log.error("an image ended after \(count) bytes of a piece")
        case .failure(let error): log.error("an image could not be read: \(error)")
        }
    }
}
