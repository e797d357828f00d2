internal import BlobStore
internal import Catalog
internal import HTTP1
internal import UV

/// What operators and their tools ask: health, readiness, metrics.
enum OperationsEndpoints {
    /// `GET /healthz`: the process lives.
    ///
    /// - Parameter exchange: the request.
    static func health(_ exchange: Exchange) {
        exchange.respond(plain("ok\n"))
    }

    /// `GET /readyz`: uploads are taken, which includes that there is memory for one, that files
    /// can be made and the catalog can note them.
    ///
    /// - Parameter exchange: the request.
    static func readiness(_ exchange: Exchange) {
        let worker = exchange.worker
        guard let services = worker.services, worker.shared.phase == .ready else {
            exchange.respond(worker.isStopping ? .shuttingDown : .notReady)
            return
        }
        guard worker.hasMemoryForUploads else {
            exchange.respond(.outOfMemory)
            return
        }
        worker.readiness.ask(services, on: worker) { isWritable in
            if isWritable {
                exchange.respond(plain("ready\n"))
            } else {
                exchange.respond(.dataNotWritable)
            }
        }
    }

    /// `GET /metrics`: counters in the text format of Prometheus.
    ///
    /// - Parameter exchange: the request; its key has been checked.
    static func metrics(_ exchange: Exchange) {
        let worker = exchange.worker
        guard let services = worker.services else {
            exchange.respond(text(worker, images: 0, bytes: 0))
            return
        }
        let today = ImageRecord.day(of: worker.clock.seconds)
        services.catalog.statistics(today: today, on: worker.loop) { result in
            switch result {
            case .success(let statistics):
                exchange.respond(
                    text(worker, images: Int(statistics.images), bytes: Int(statistics.bytes))
                )
            case .failure(let error): exchange.respond(worker.problem(error))
            }
        }
    }

    private static func text(_ worker: Worker, images: Int, bytes: Int) -> Response {
        // What this loop answered just now counts, too.
        worker.turnEnded()
        var response = Response(
            type: Metrics.mediaType,
            worker.allMetrics.encode(stored: Metrics.Stored(images: images, bytes: bytes))
        )
        response.add(.cacheControl, "no-store")
        return response
    }

    private static func plain(_ text: String) -> Response {
        var response = Response(type: "text/plain; charset=utf-8", Array(text.utf8))
        response.add(.cacheControl, "no-store")
        return response
    }
}
