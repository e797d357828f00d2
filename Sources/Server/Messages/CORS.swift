internal import HTTP1

/// Which scripts of other sites may use the API (Fetch standard, "HTTP extensions").
///
/// Images are for everyone. The keyed endpoints are for the origins that the operator named;
/// without a name of theirs, scripts of other sites cannot read what those answer.
enum CORS {
    /// Seconds that a browser may remember a preflight: what Chromium caps it at.
    private static let maxAgeSeconds = 7_200
    private static let requestFields =
        "Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, "
        + "If-Unmodified-Since, Range, X-API-Key, X-Request-Id"
    /// What scripts may see of an image's response besides the safelisted fields.
    private static let imageExposedFields =
        "Accept-Ranges, Content-Length, Content-Range, ETag, X-Request-Id"
    private static let exposedFields = "Retry-After, X-Request-Id"

    /// The fields of every response about an image: images are for everyone.
    static let imageFields: [(FieldName, String)] = [
        (.accessControlAllowOrigin, "*"),
        (.accessControlExposeHeaders, imageExposedFields),
        (.crossOriginResourcePolicy, "cross-origin"),
    ]

    /// The fields that go into every response to a request.
    ///
    /// - Parameters:
    ///   - exchange: the request.
    ///   - origins: the origins that the operator named; `*` stands for all.
    /// - Returns: fields; for images the same whatever is answered, so that scripts can read
    ///   problems, too.
    static func fields(for exchange: Exchange, _ origins: CORSOrigins) -> [(FieldName, String)] {
        if case .image = exchange.route {
            return imageFields
        }
        guard !origins.origins.isEmpty else { return [] }
        // The answer depends on Origin, so caches have to keep it apart even for those without one.
        let vary = [(FieldName.vary, "Origin")]
        guard let origin = exchange.head.fields.first(.origin),
            exchange.head.fields.withFirst(.origin, { origins.allows($0) }) ?? false
        else { return vary }
        return vary + [
            (.accessControlAllowOrigin, origin),
            (.accessControlExposeHeaders, exposedFields),
        ]
    }

    /// Answers OPTIONS, a preflight or not.
    ///
    /// - Parameters:
    ///   - exchange: the request.
    ///   - origins: the origins that the operator named.
    /// - Returns: `204`; `404` for a path that does not exist.
    static func preflight(_ exchange: Exchange, _ origins: CORSOrigins) -> Response {
        let isWholeServer = exchange.head.targetForm == .asterisk
        guard exchange.route != .unknown || isWholeServer else { return Response(.pathNotFound) }
        let allow = isWholeServer ? "GET, HEAD, POST, OPTIONS" : exchange.route.allow
        var response = Response(.noContent, [(.allow, allow)])
        guard exchange.head.fields.contains(.accessControlRequestMethod) else { return response }
        if !exchange.standingFields.contains(where: { $0.0 == .accessControlAllowOrigin }) {
            return response
        }
        response.add(.accessControlAllowMethods, allow)
        response.add(.accessControlAllowHeaders, requestFields)
        response.add(.accessControlMaxAge, "\(maxAgeSeconds)")
        return response
    }
}
