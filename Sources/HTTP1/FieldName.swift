/// The name of a field: case-insensitive, remembered as it is usually written (RFC 9110 §5.1).
///
/// The names that requests are asked for carry a tag. The parser finds the tag of each field line
/// once, so that looking one of them up later compares a byte, and asking whether it is there at
/// all is one bit.
package struct FieldName: Sendable {
    /// The name as it is written into a response, such as `Content-Length`.
    package let rawName: String
    /// Its index in `tagged`, or `untagged`.
    @usableFromInline let tag: UInt8

    /// The tag of every name that is not in `tagged`.
    @usableFromInline static let untagged: UInt8 = 63

    /// Makes a name that has no constant here.
    ///
    /// - Parameter rawName: a token (RFC 9110 §5.6.2); anything else is a programmer's mistake.
    package init(_ rawName: String) {
        let bytes = rawName.utf8Span.span
        precondition(!bytes.isEmpty, "a field name is a token")
        for i in bytes.indices {
            precondition(Grammar.isMember(bytes[i], of: Grammar.tchar), "a field name is a token")
        }
        self.init(rawName, tag: FieldName.tag(of: bytes, 0..<bytes.count))
    }

    private init(_ rawName: String, tag: UInt8) {
        self.rawName = rawName
        self.tag = tag
    }
}

extension FieldName: Equatable {
    package static func == (left: FieldName, right: FieldName) -> Bool {
        left.tag == right.tag && left.rawName.utf8Span.span.equalsIgnoringCase(right.rawName)
    }
}

/// Names that requests are asked for; `tagged` lists them in the order of their tags.
extension FieldName {
    package static let host = FieldName("Host", tag: 0)
    package static let contentLength = FieldName("Content-Length", tag: 1)
    package static let transferEncoding = FieldName("Transfer-Encoding", tag: 2)
    package static let connection = FieldName("Connection", tag: 3)
    package static let expect = FieldName("Expect", tag: 4)
    package static let contentType = FieldName("Content-Type", tag: 5)
    package static let accept = FieldName("Accept", tag: 6)
    package static let acceptEncoding = FieldName("Accept-Encoding", tag: 7)
    package static let acceptLanguage = FieldName("Accept-Language", tag: 8)
    package static let userAgent = FieldName("User-Agent", tag: 9)
    package static let range = FieldName("Range", tag: 10)
    package static let ifMatch = FieldName("If-Match", tag: 11)
    package static let ifNoneMatch = FieldName("If-None-Match", tag: 12)
    package static let ifModifiedSince = FieldName("If-Modified-Since", tag: 13)
    package static let ifUnmodifiedSince = FieldName("If-Unmodified-Since", tag: 14)
    package static let ifRange = FieldName("If-Range", tag: 15)
    package static let origin = FieldName("Origin", tag: 16)
    package static let xAPIKey = FieldName("X-API-Key", tag: 17)
    package static let xRequestID = FieldName("X-Request-Id", tag: 18)
    package static let authorization = FieldName("Authorization", tag: 19)
    package static let accessControlRequestMethod = FieldName(
        "Access-Control-Request-Method",
        tag: 20
    )
    package static let accessControlRequestHeaders = FieldName(
        "Access-Control-Request-Headers",
        tag: 21
    )
    package static let cookie = FieldName("Cookie", tag: 22)
    package static let referer = FieldName("Referer", tag: 23)
    package static let te = FieldName("TE", tag: 24)
    package static let trailer = FieldName("Trailer", tag: 25)
    package static let upgrade = FieldName("Upgrade", tag: 26)
    package static let cacheControl = FieldName("Cache-Control", tag: 27)
    package static let contentEncoding = FieldName("Content-Encoding", tag: 28)
    package static let date = FieldName("Date", tag: 29)
    package static let forwarded = FieldName("Forwarded", tag: 30)
    package static let xForwardedFor = FieldName("X-Forwarded-For", tag: 31)
    package static let contentDisposition = FieldName("Content-Disposition", tag: 32)
    package static let contentRange = FieldName("Content-Range", tag: 33)

    static let tagged: [FieldName] = [
        .host, .contentLength, .transferEncoding, .connection, .expect, .contentType, .accept,
        .acceptEncoding, .acceptLanguage, .userAgent, .range, .ifMatch, .ifNoneMatch,
        .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .origin, .xAPIKey, .xRequestID,
        .authorization, .accessControlRequestMethod, .accessControlRequestHeaders, .cookie,
        .referer, .te, .trailer, .upgrade, .cacheControl, .contentEncoding, .date, .forwarded,
        .xForwardedFor, .contentDisposition, .contentRange,
    ]
}

/// Names that only responses carry.
extension FieldName {
    package static let acceptRanges = FieldName("Accept-Ranges", tag: untagged)
    package static let accessControlAllowHeaders = FieldName(
        "Access-Control-Allow-Headers",
        tag: untagged
    )
    package static let accessControlAllowMethods = FieldName(
        "Access-Control-Allow-Methods",
        tag: untagged
    )
    package static let accessControlAllowOrigin = FieldName(
        "Access-Control-Allow-Origin",
        tag: untagged
    )
    package static let accessControlExposeHeaders = FieldName(
        "Access-Control-Expose-Headers",
        tag: untagged
    )
    package static let accessControlMaxAge = FieldName("Access-Control-Max-Age", tag: untagged)
    package static let allow = FieldName("Allow", tag: untagged)
    package static let contentLanguage = FieldName("Content-Language", tag: untagged)
    package static let contentLocation = FieldName("Content-Location", tag: untagged)
    package static let contentSecurityPolicy = FieldName("Content-Security-Policy", tag: untagged)
    package static let crossOriginResourcePolicy = FieldName(
        "Cross-Origin-Resource-Policy",
        tag: untagged
    )
    package static let eTag = FieldName("ETag", tag: untagged)
    package static let keepAlive = FieldName("Keep-Alive", tag: untagged)
    package static let lastModified = FieldName("Last-Modified", tag: untagged)
    package static let link = FieldName("Link", tag: untagged)
    package static let location = FieldName("Location", tag: untagged)
    package static let referrerPolicy = FieldName("Referrer-Policy", tag: untagged)
    package static let retryAfter = FieldName("Retry-After", tag: untagged)
    package static let server = FieldName("Server", tag: untagged)
    package static let vary = FieldName("Vary", tag: untagged)
    package static let wwwAuthenticate = FieldName("WWW-Authenticate", tag: untagged)
    package static let xContentTypeOptions = FieldName("X-Content-Type-Options", tag: untagged)
    package static let xFrameOptions = FieldName("X-Frame-Options", tag: untagged)
}
