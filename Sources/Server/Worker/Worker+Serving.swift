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
        var requestID: [UInt8] = []
        appendRequestID(for: head, to: &requestID)
        let exchange = Exchange(
            head: head,
            route: head.withPath { Route(path: $0) },
            requestID: requestID,
            startedNanoseconds: started,
            connection: connection
        )
        connection.exchange = exchange
        exchange.standingFields = CORS.fields(for: exchange, configuration.corsOrigins)
        dispatch(exchange)
    }

    /// Makes a stand-in for a request that could not be read, so that it is answered and logged
    /// like any other.
    ///
    /// - Parameter connection: where it came from.
    /// - Returns: an exchange without a route.
    func exchangeForBrokenRequest(on connection: Connection) -> Exchange {
        Exchange(
            head: RequestHead.unread,
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
            exchange.respond(route == .metrics ? .unauthorizedForMetrics : .unauthorized)
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

    private func dispatch(_ exchange: Exchange, _ services: Services) {
        switch exchange.route {
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
        appendDate()
        headBytes += Self.requestIDName
        headBytes += exchange.requestID
        endHead(context)
        return headBytes
    }

    /// Adds `Date` to the head being encoded.
    func appendDate() {
        headBytes += Self.dateName
        headBytes += clock.dateText()
    }

    /// Adds what every head ends with.
    ///
    /// - Parameter context: what the connection's state makes of the response.
    func endHead(_ context: ResponseEncoder.Context) {
        headBytes += Self.lineEnd
        ResponseEncoder.encodeConnection(context, into: &headBytes)
        headBytes += Self.lineEnd
    }

    private static let dateName = Array("Date: ".utf8)
    static let requestIDName = Array("\r\nX-Request-Id: ".utf8)
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
        accessLog?.log(
            AccessLog.Record(
                time: .now,
                client: connection.peer,
                method: Array(exchange.head.method.rawValue.utf8),
                path: exchange.head.withPath { $0.copy() },
                status: response.status.code,
                bytesSent: sentBytes,
                durationMicroseconds: microseconds,
                requestID: exchange.requestID
            )
        )
    }

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
