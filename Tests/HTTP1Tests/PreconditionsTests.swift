import HTTP1
import Testing

@Suite struct `Preconditions of a request` {
    static let modified = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    static let after = "Sun, 06 Nov 1994 08:49:38 GMT"
    private static let now: Int64 = 1_795_622_400

    private func evaluate(
        _ method: String,
        _ fields: [String],
        validators: Preconditions.Validators? = nil
    ) throws -> Preconditions {
        let section = fields.map { $0 + "\r\n" }.joined()
        let head = try head("\(method) / HTTP/1.1\r\nHost: a\r\n\(section)\r\n")
        let standard = Preconditions.Validators(
            entityTag: EntityTag("a"),
            lastModified: HTTPDate(parsing: Self.modified, now: Self.now)
        )
        return Preconditions(
            head.fields,
            method: head.method,
            validators: validators ?? standard,
            now: Self.now
        )
    }

    /// For a representation with the entity tag "a", last modified at `modified`.
    static let cases: [(String, [String], Preconditions)] = [
        ("GET", [], .proceed(rangeApplies: false)),
        ("GET", ["If-Match: \"a\""], .proceed(rangeApplies: false)),
        ("GET", ["If-Match: \"b\", \"a\""], .proceed(rangeApplies: false)),
        ("GET", ["If-Match: \"b\"", "If-Match: \"a\""], .proceed(rangeApplies: false)),
        ("GET", ["If-Match: *"], .proceed(rangeApplies: false)),
        ("GET", ["If-Match: \"b\""], .preconditionFailed),
        ("GET", ["If-Match: W/\"a\""], .preconditionFailed),
        ("GET", ["If-Match: a"], .preconditionFailed),
        ("GET", ["If-Unmodified-Since: \(modified)"], .proceed(rangeApplies: false)),
        ("GET", ["If-Unmodified-Since: \(before)"], .preconditionFailed),
        ("GET", ["If-Unmodified-Since: yesterday"], .proceed(rangeApplies: false)),
        (
            "GET", ["If-Match: \"a\"", "If-Unmodified-Since: \(before)"],
            .proceed(rangeApplies: false)
        ),
        ("GET", ["If-None-Match: \"a\""], .notModified),
        ("GET", ["If-None-Match: W/\"a\""], .notModified),
        ("GET", ["If-None-Match: \"b\", W/\"a\""], .notModified),
        ("GET", ["If-None-Match: *"], .notModified),
        ("HEAD", ["If-None-Match: \"a\""], .notModified),
        ("PUT", ["If-None-Match: \"a\""], .preconditionFailed),
        ("PUT", ["If-None-Match: *"], .preconditionFailed),
        ("GET", ["If-None-Match: \"b\""], .proceed(rangeApplies: false)),
        ("GET", ["If-None-Match: a"], .proceed(rangeApplies: false)),
        ("GET", ["If-Modified-Since: \(modified)"], .notModified),
        ("GET", ["If-Modified-Since: \(after)"], .notModified),
        ("GET", ["If-Modified-Since: \(before)"], .proceed(rangeApplies: false)),
        (
            "GET", ["If-Modified-Since: \(after)", "If-Modified-Since: \(after)"],
            .proceed(rangeApplies: false)
        ),
        ("PUT", ["If-Modified-Since: \(after)"], .proceed(rangeApplies: false)),
        (
            "GET", ["If-None-Match: \"b\"", "If-Modified-Since: \(after)"],
            .proceed(rangeApplies: false)
        ),
        ("GET", ["If-Match: \"b\"", "If-None-Match: \"a\""], .preconditionFailed),
        ("GET", ["If-Match: \"a\"", "If-None-Match: \"a\""], .notModified),
        ("GET", ["Range: bytes=0-"], .proceed(rangeApplies: true)),
        ("HEAD", ["Range: bytes=0-"], .proceed(rangeApplies: false)),
        ("GET", ["Range: bytes=0-", "If-Range: \"a\""], .proceed(rangeApplies: true)),
        ("GET", ["Range: bytes=0-", "If-Range: W/\"a\""], .proceed(rangeApplies: false)),
        ("GET", ["Range: bytes=0-", "If-Range: \"b\""], .proceed(rangeApplies: false)),
        ("GET", ["Range: bytes=0-", "If-Range: \(modified)"], .proceed(rangeApplies: true)),
        ("GET", ["Range: bytes=0-", "If-Range: \(after)"], .proceed(rangeApplies: false)),
        ("GET", ["Range: bytes=0-", "If-Range: x"], .proceed(rangeApplies: false)),
        (
            "GET", ["Range: bytes=0-", "If-Range: \"a\"", "If-Range: \"a\""],
            .proceed(rangeApplies: false)
        ),
        ("GET", ["Range: bytes=0-", "If-None-Match: \"a\""], .notModified),
        ("GET", ["If-Range: \"a\""], .proceed(rangeApplies: false)),
    ]

    @Test(arguments: cases)
    func `are evaluated in the order of RFC 9110`(
        _ method: String,
        _ fields: [String],
        _ expected: Preconditions
    ) throws {
        #expect(try evaluate(method, fields) == expected)
    }

    @Test func `nothing matches where there is no representation`() throws {
        let none = Preconditions.Validators(entityTag: nil, lastModified: nil, exists: false)
        let proceed = Preconditions.proceed(rangeApplies: false)
        #expect(try evaluate("PUT", ["If-Match: *"], validators: none) == .preconditionFailed)
        #expect(try evaluate("PUT", ["If-None-Match: *"], validators: none) == proceed)
        #expect(
            try evaluate("GET", ["If-Modified-Since: \(Self.after)"], validators: none) == proceed
        )
    }

    @Test func `a date of this very second is too young to vouch for a range`() throws {
        let young = Preconditions.Validators(
            entityTag: nil,
            lastModified: HTTPDate(secondsSince1970: Self.now)
        )
        let date = HTTPDate(secondsSince1970: Self.now).description
        let fields = ["Range: bytes=0-", "If-Range: \(date)"]
        #expect(try evaluate("GET", fields, validators: young) == .proceed(rangeApplies: false))
    }
}
