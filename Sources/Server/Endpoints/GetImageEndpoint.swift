internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import UV

/// `GET` and `HEAD /api/images/{image_id}`: serves an image, whole or in ranges.
///
/// ```
/// hot? ──yes──▶ preconditions ─▶ range ─▶ answer from memory
///   └─no─▶ catalog ─▶ preconditions ─▶ range ─▶ open ─┬─ small: read, keep hot, answer
///                                                     └─ large: stream
/// ```
struct GetImageEndpoint {
    let exchange: Exchange
    let services: Services

    /// Serves a request.
    ///
    /// - Parameters:
    ///   - exchange: the request.
    ///   - id: the image, or `nil` when the path has no id.
    ///   - services: the stores.
    static func serve(_ exchange: Exchange, id: BlobID?, services: Services) {
        guard let id else {
            exchange.respond(.imageNotFound)
            return
        }
        let endpoint = GetImageEndpoint(exchange: exchange, services: services)
        let worker = exchange.worker
        if let entry = worker.cache.entry(for: id) {
            worker.metrics.cacheHit()
            endpoint.answer(entry.representation.record, hot: entry.content)
            return
        }
        worker.metrics.cacheMissed()
        services.catalog.lookUp(id, on: worker.loop) { result in
            switch result {
            case .failure(let error): exchange.respond(worker.problem(error))
            case .success(nil): exchange.respond(.imageNotFound)
            case .success(.some(let record)):
                endpoint.answer(record, hot: nil)
            }
        }
    }

    private func answer(_ record: ImageRecord, hot: OutputChunk?) {
        let head = exchange.head
        let now = exchange.worker.clock.seconds
        let representation = ImageRepresentation(record, now: now)
        let preconditions = Preconditions(
            head.fields,
            method: head.method,
            validators: Preconditions.Validators(
                entityTag: representation.entityTag,
                lastModified: representation.lastModified
            ),
            now: now
        )
        switch preconditions {
        case .notModified:
            exchange.respond(Response(.notModified, representation.validatorFields))
            return
        case .preconditionFailed:
            exchange.respond(.preconditionFailed)
            return
        case .proceed(let rangeApplies):
            var range = ByteRange.whole
            if rangeApplies, head.method == .get, let value = head.fields.combinedValue(.range) {
                range = ByteRange(parsing: value.utf8Span.span, sizeBytes: record.sizeBytes)
            }
            if range == .unsatisfiable {
                exchange.respond(.rangeNotSatisfiable(sizeBytes: record.sizeBytes))
                return
            }
            let answer = ImageAnswer(representation: representation, range: range)
            if head.method == .head {
                exchange.respond(answer.response(.length(answer.sizeBytes)))
            } else if let hot {
                exchange.respond(answer.response(from: hot))
            } else {
                open(answer)
            }
        }
    }

    private func open(_ answer: ImageAnswer) {
        let worker = exchange.worker
        let record = answer.representation.record
        let isSmall = worker.cache.load(sizeBytes: record.sizeBytes)
        services.blobs.open(
            record.id,
            prefetch: 0..<(isSmall ? record.sizeBytes : 0),
            on: worker.loop
        ) { [self] result in
            if isSmall { worker.cache.loaded(sizeBytes: record.sizeBytes) }
            switch result {
            case .failure(let error):
                exchange.respond(worker.problem(error))
            case .success(let blob):
                opened(blob, answer, isSmall: isSmall)
            }
        }
    }

    private func opened(_ blob: any OpenBlob, _ answer: ImageAnswer, isSmall: Bool) {
        let worker = exchange.worker
        let representation = answer.representation
        let record = representation.record
        // The catalog is what was promised; a file of another size is damaged and must not be
        // served as if it were whole.
        guard blob.sizeBytes == record.sizeBytes else {
            blob.close()
            exchange.respond(worker.problem(BlobStoreError(.corrupted, "\(record.id) is cut")))
            return
        }
        guard isSmall, blob.prefetchedCount == record.sizeBytes else {
            exchange.respond(answer.response(from: blob))
            return
        }
        blob.close()
        if let entry = worker.cache.entry(for: record.id) {
            // Another request for it was faster; one copy in memory is enough.
            exchange.respond(answer.response(from: entry.content))
            return
        }
        let content = OutputChunk(blob.prefetched, 0..<Int(record.sizeBytes))
        worker.cache.insert(ImageCache.Entry(representation, content: content))
        worker.metrics.cacheResized(bytes: worker.cache.usedBytes)
        exchange.respond(answer.response(from: content))
    }
}
