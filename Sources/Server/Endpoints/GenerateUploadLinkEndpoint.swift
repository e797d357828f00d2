internal import Bytes
internal import Catalog
internal import FoundationEssentials
internal import HTTP1

/// `POST /api/generate-upload-link`: makes an upload link that expires.
enum GenerateUploadLinkEndpoint {
    /// Bytes of the request's body: an object with a number in it.
    ///
    /// 64 KiB leave room for members that nobody knows, which are ignored.
    static let bodyBytesMax = 64 << 10
    /// Seconds that a link is valid when the request does not say.
    static let defaultExpirySeconds: Int64 = 60

    /// Serves a request.
    ///
    /// - Parameters:
    ///   - exchange: the request; its key has been checked.
    ///   - services: the stores.
    static func serve(_ exchange: Exchange, services: Services) {
        if case .contentLength(let length) = exchange.head.framing, length > bodyBytesMax {
            exchange.respond(.bodyTooLarge(limitBytes: bodyBytesMax))
            return
        }
        exchange.accept(
            CollectedBody(bytesMax: bodyBytesMax) { result in
                switch result {
                case .failure:
                    exchange.respond(.bodyTooLarge(limitBytes: bodyBytesMax))
                case .success(let body):
                    let maximum = Int64(exchange.worker.configuration.linkExpirySecondsMax)
                    switch expirySeconds(body, maximum: maximum) {
                    case .failure(let error): exchange.respond(error.problem)
                    case .success(let seconds): make(exchange, services, expirySeconds: seconds)
                    }
                }
            }
        )
    }

    private static func make(
        _ exchange: Exchange,
        _ services: Services,
        expirySeconds: Int64
    ) {
        let worker = exchange.worker
        // Rounded up: a link for a second is good for at least a second.
        let link = UploadLink(id: .random(), expiresAt: worker.clock.seconds + 1 + expirySeconds)
        services.catalog.addLink(link, on: worker.loop) { result in
            switch result {
            case .failure(let error):
                exchange.respond(worker.problem(error))
            case .success:
                exchange.respond(Response(type: "application/json", json(for: link)))
            }
        }
    }

    private static func json(for link: UploadLink) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("upload_id", link.id.text)
            object.member("upload_url", "/api/upload-images/\(link.id.text)")
            object.member("expires_at", Timestamp(seconds: link.expiresAt).text)
        }
        return writer.bytes
    }

    /// Reads the body.
    ///
    /// - Parameters:
    ///   - body: the bytes; none stand for an empty object.
    ///   - maximum: the longest expiry in seconds.
    /// - Returns: the expiry in seconds, or what is wrong.
    static func expirySeconds(
        _ body: [UInt8],
        maximum: Int64
    ) -> Result<Int64, UploadProblem> {
        if body.allSatisfy({ " \t\r\n".utf8.contains($0) }) {
            return .success(defaultExpirySeconds)
        }
        guard isStrict(body) else {
            return .failure(UploadProblem(problem: .invalidJSON("The body is not valid JSON.")))
        }
        let request: LinkRequest
        do {
            request = try JSONDecoder().decode(LinkRequest.self, from: Data(body))
        } catch let error as DecodingError {
            return .failure(UploadProblem(problem: problem(for: error, maximum: maximum)))
        } catch {
            return .failure(UploadProblem(problem: .invalidJSON("The body is not valid JSON.")))
        }
        guard let expiry = request.expiry else { return .success(defaultExpirySeconds) }
        guard let seconds = Int64(exactly: expiry), (1...maximum).contains(seconds) else {
            return .failure(UploadProblem(problem: .invalidExpiry(maximum: maximum)))
        }
        return .success(seconds)
    }

    /// Whether a body is free of what `JSONDecoder` takes although it is no JSON (RFC 8259).
    ///
    /// That is UTF-16 and UTF-32 (§8.1 asks for UTF-8), strings that are not UTF-8, and a comma
    /// before a closing bracket (§4, §5). UTF-8 has a byte of 0 for NUL only, which §7 forbids.
    private static func isStrict(_ body: [UInt8]) -> Bool {
        guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
            return false
        }
        var isInString = false
        var isEscaped = false
        var last: UInt8 = 0
        for byte in body where !" \t\r\n".utf8.contains(byte) {
            if isInString {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                if last == UInt8(ascii: ",") { return false }
            }
            last = byte
        }
        return true
    }

    private static func problem(for error: DecodingError, maximum: Int64) -> Problem {
        switch error {
        case .typeMismatch(_, let context) where context.codingPath.isEmpty:
            .invalidJSON("The body has to be a JSON object, such as {\"expiry\": 60}.")
        case .typeMismatch, .valueNotFound, .keyNotFound:
            .invalidExpiry(maximum: maximum)
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            .invalidExpiry(maximum: maximum)
        case .dataCorrupted:
            .invalidJSON("The body is not valid JSON.")
        @unknown default:
            .invalidJSON("The body is not valid JSON.")
        }
    }

    /// The body's members that mean something.
    ///
    /// `Double` takes `60` and `60.0`, and neither a string nor a boolean; every whole number in
    /// range is exact in it.
    private struct LinkRequest: Decodable {
        var expiry: Double?
    }
}
