internal import Bytes
internal import HTTP1

/// `GET /` and `GET /docs`, and the files that these two load.
enum SiteEndpoint {
    /// Serves a request.
    ///
    /// - Parameter exchange: the request.
    static func serve(_ exchange: Exchange) {
        let worker = exchange.worker
        guard let file = exchange.head.withPath({ worker.site.file(at: $0) }) else {
            exchange.respond(.pathNotFound)
            return
        }
        exchange.respond(file.response(to: exchange.head, now: worker.clock.seconds))
    }
}
