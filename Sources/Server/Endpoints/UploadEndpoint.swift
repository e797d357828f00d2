internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import ImageFormat
internal import Multipart
internal import UV

/// `POST /api/upload-images/{upload_id}`: receives images and keeps them.
///
/// ```
/// link valid? ─▶ form? ─▶ receive ─▶ which are new? ─▶ files durable ─▶ catalog durable ─▶ 200
///                            │              │                │                │
///                            └──────────────┴── any failure: nothing is kept ─┘
/// ```
/// Everything up to `receive` is decided before the body is asked for.
struct UploadEndpoint {
    let exchange: Exchange
    let services: Services

    /// Serves a request.
    ///
    /// - Parameters:
    ///   - exchange: the request; its key has been checked.
    ///   - link: the link in its path, or `nil` when that is no link.
    ///   - services: the stores.
    static func serve(_ exchange: Exchange, link: LinkID?, services: Services) {
        guard let link else {
            exchange.respond(.linkNotFound)
            return
        }
        let endpoint = UploadEndpoint(exchange: exchange, services: services)
        let worker = exchange.worker
        let now = worker.clock.seconds
        services.catalog.resolveLink(link, now: now, on: worker.loop) { result in
            switch result {
            case .success(.valid): endpoint.receive()
            case .success(.expired): exchange.respond(.linkExpired)
            case .success(.unknown): exchange.respond(.linkNotFound)
            case .failure(let error): exchange.respond(worker.problem(error))
            }
        }
    }

    /// Checks what the head says about the body, and asks for it.
    private func receive() {
        let worker = exchange.worker
        let boundary: Boundary
        do throws(UploadProblem) {
            boundary = try self.boundary()
            try checkLength()
        } catch {
            exchange.respond(error.problem)
            return
        }
        guard !worker.isStopping else {
            exchange.respond(.shuttingDown)
            return
        }
        guard let slot = worker.shared.takeUploadSlot() else {
            exchange.respond(.tooManyUploads)
            return
        }
        let receiver = UploadReceiver(
            exchange,
            boundary: boundary,
            store: services.blobs
        ) { [self] end in received(end) }
        receiver.slot = UploadSlotHolder(slot, metrics: worker.metrics)
        exchange.accept(receiver)
    }

    private static let mediaType = "multipart/form-data"

    private func boundary() throws(UploadProblem) -> Boundary {
        guard exchange.head.fields.count(of: .contentType) == 1,
            let value = exchange.head.fields.first(.contentType),
            value.lowercased().hasPrefix(Self.mediaType)
        else { throw UploadProblem(problem: .notMultipart) }
        guard let type = MediaType(parsing: value), type.matches("multipart", "form-data") else {
            // The type is right and its parameters are not: that is the grammar of multipart.
            throw UploadProblem(problem: Problem(MultipartError.invalidBoundary))
        }
        do throws(MultipartError) {
            return try Boundary(parameterValue: type.parameter("boundary"))
        } catch {
            throw UploadProblem(problem: Problem(error))
        }
    }

    private func checkLength() throws(UploadProblem) {
        let limit = exchange.worker.configuration.uploadLimits.requestBytes.bytes
        switch exchange.head.framing {
        case .none:
            throw UploadProblem(problem: .lengthRequired)
        case .contentLength(let length) where length > UInt64(limit):
            throw UploadProblem(problem: .bodyTooLarge(limitBytes: limit))
        case .contentLength, .chunked:
            break
        }
    }

    private func received(_ end: UploadReceiver.End) {
        switch end {
        case .problem(let problem):
            if problem.code == .fileTooLarge { exchange.worker.metrics.fileRefused(.tooLarge) }
            exchange.respond(problem)
        case .refused(let files, let isComplete):
            let refused = files.outcome.refused
            discard(files)
            for file in refused { exchange.worker.metrics.fileRefused(file.kind) }
            exchange.respond(
                .unsupportedImages(
                    refused.map { ($0.filename, $0.reason) },
                    isComplete: isComplete
                )
            )
        case .complete(let files):
            UploadCommit(
                exchange: exchange,
                services: services,
                files: files,
                received: files.outcome.received
            ).start()
        }
    }

    private func discard(_ files: UploadFiles) {
        services.blobs.receive(on: exchange.worker.loop) {
            files.discard()
        } completion: { _ in
        }
    }
}
