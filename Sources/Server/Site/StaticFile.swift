internal import Bytes
internal import Crypto
internal import HTTP1
internal import UV

/// A file of the page or of the docs as it is served: in memory, with a validator made once.
///
/// The bytes lie in one buffer that all loops send from and that nobody writes any more.
struct StaticFile: Sendable {
    /// What a browser is told that a file is.
    enum Kind: String, Sendable {
        case html = "text/html; charset=utf-8"
        case css = "text/css; charset=utf-8"
        case javascript = "text/javascript; charset=utf-8"
        case svg = "image/svg+xml"
    }

    private let content: OutputChunk
    private let kind: Kind
    private let entityTag: EntityTag
    private let policy: ContentPolicy

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - bytes: its content, at least one byte.
    ///   - kind: what it is.
    ///   - policy: what a browser may load and run when this is the document it shows.
    init(_ bytes: [UInt8], _ kind: Kind, _ policy: ContentPolicy = .nothing) {
        content = OutputChunk(bytes)
        self.kind = kind
        self.policy = policy
        // Strong, since it is made of the bytes: a file of another version has another one.
        let digest = Hex.encode(Array(SHA256.hash(data: bytes)).span)
        entityTag = EntityTag(String(decoding: digest, as: UTF8.self))
    }

    /// Answers a request for it (RFC 9110 §13).
    ///
    /// - Parameters:
    ///   - head: the request.
    ///   - now: seconds since 1970.
    /// - Returns: `200`, `304`, or `412`.
    func response(to head: RequestHead, now: Int64) -> Response {
        let validators = Preconditions.Validators(entityTag: entityTag, lastModified: nil)
        switch Preconditions(head.fields, method: head.method, validators: validators, now: now) {
        case .proceed:
            return Response(
                .ok,
                [(.contentType, kind.rawValue)] + validatorFields + securityFields,
                body: .chunks([content])
            )
        case .notModified:
            // §15.4.5: what a cache needs to go on using what it has.
            return Response(.notModified, validatorFields)
        case .preconditionFailed:
            return Response(
                Problem(
                    .preconditionFailed,
                    "The file does not meet the conditions in the request's header."
                )
            )
        }
    }

    /// Names stay the same when the server is replaced by a newer one, so a browser has to ask each
    /// time; the answer is a 304 of a few bytes.
    private var validatorFields: [(FieldName, String)] {
        [(.eTag, entityTag.description), (.cacheControl, "no-cache")]
    }

    private var securityFields: [(FieldName, String)] {
        [
            (.contentSecurityPolicy, policy.rawValue),
            (.xContentTypeOptions, "nosniff"),
            (.referrerPolicy, "no-referrer"),
            (.crossOriginResourcePolicy, "same-origin"),
        ]
    }
}

/// What a browser may load and run in a document of ours (Content Security Policy Level 3).
enum ContentPolicy: String, Sendable {
    /// For files that are no documents.
    case nothing = "default-src 'none'; frame-ancestors 'none'"

    /// For our own page: only files and answers of this server, and pictures that a script holds.
    case page = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    /// For Swagger UI, which writes styles into the document and has icons in its style sheet.
    case docs = """
        default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
        img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'
        """
}
