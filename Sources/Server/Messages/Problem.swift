/// An error as the client sees it: a problem document (RFC 9457).
///
/// ```
/// {"type":"about:blank","title":"Content Too Large","status":413,
///  "detail":"The file is larger than 10 bytes: send a smaller one.",
///  "code":"file_too_large","limit_bytes":10}
/// ```
/// `type` is always `about:blank`, with the status's own phrase as `title` (§4.2.1). A type of our
/// own would have to be a URI that stays the same for every client (§3.1.1 advises against relative
/// ones), and a self-hosted service has no address that all its installations share. What tells one
/// problem from another is the extension member `code`.
package struct Problem: Sendable {
    /// The media type of the encoded document.
    package static let mediaType = "application/problem+json"

    /// Which problem it is.
    package var code: ProblemCode
    /// One sentence that tells the client what to change.
    ///
    /// It never holds a key, nor the whole of an upload link.
    package var detail: String
    /// What helps besides, in the order in which it is written.
    package var members: [Member]
    /// Header fields that the response needs besides those of every response.
    package var fields: [Field]

    /// An extension member (§3.2).
    package enum Member: Hashable, Sendable {
        /// The limit that was passed, in bytes.
        case limitBytes(Int)
        /// The limit that was passed, in files.
        case limitFiles(Int)
        /// What is accepted instead: methods, formats.
        case allowed([String])
        /// The files that were refused.
        case files([RefusedFile])
    }

    /// A file that was refused, and why.
    package struct RefusedFile: Hashable, Sendable {
        /// Its name as the client sent it.
        package var filename: String
        /// Why it was refused, as a sentence.
        package var reason: String

        /// Names a refused file.
        ///
        /// - Parameters:
        ///   - filename: its name as the client sent it.
        ///   - reason: why it was refused.
        package init(filename: String, reason: String) {
            self.filename = filename
            self.reason = reason
        }
    }

    /// A header field of the response.
    package struct Field: Hashable, Sendable {
        /// Its name.
        package var name: String
        /// Its value, visible ASCII and spaces: made by us, never copied from a request.
        package var value: String
    }

    /// Describes a problem.
    ///
    /// - Parameters:
    ///   - code: which problem it is.
    ///   - detail: one sentence that tells the client what to change.
    ///   - members: what helps besides.
    ///   - fields: header fields that the response needs besides.
    package init(
        _ code: ProblemCode,
        _ detail: String,
        members: [Member] = [],
        fields: [Field] = []
    ) {
        self.code = code
        self.detail = detail
        self.members = members
        self.fields = fields
    }

    /// Encodes the document.
    ///
    /// - Returns: JSON in UTF-8, of the media type `Problem.mediaType`.
    package func encode() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("type", "about:blank")
            json.member("title", code.title)
            json.member("status", Int(code.status))
            json.member("detail", detail)
            json.member("code", code.rawValue)
            for member in members { member.encode(into: &json) }
        }
        return json.bytes
    }
}

extension Problem.Member {
    fileprivate func encode(into json: inout JSONWriter) {
        switch self {
        case .limitBytes(let limit):
            json.member("limit_bytes", limit)
        case .limitFiles(let limit):
            json.member("limit_files", limit)
        case .allowed(let names):
            json.member("allowed") { json in
                json.array { json in
                    for name in names { json.string(name) }
                }
            }
        case .files(let files):
            json.member("files") { json in
                json.array { json in
                    for file in files { file.encode(into: &json) }
                }
            }
        }
    }
}

extension Problem.RefusedFile {
    fileprivate func encode(into json: inout JSONWriter) {
        json.object { json in
            json.member("filename", filename)
            json.member("reason", reason)
        }
    }
}

extension Problem.Field {
    /// The methods of the path (RFC 9110 §10.2.1); a 405 has to say.
    ///
    /// - Parameter methods: the methods.
    /// - Returns: the field.
    package static func allow(_ methods: [String]) -> Problem.Field {
        Problem.Field(name: "Allow", value: methods.joined(separator: ", "))
    }

    /// How many seconds to wait before trying again (RFC 9110 §10.2.3).
    ///
    /// - Parameter seconds: the time in seconds.
    /// - Returns: the field.
    package static func retryAfter(seconds: Int) -> Problem.Field {
        Problem.Field(name: "Retry-After", value: "\(seconds)")
    }

    /// How to authenticate (RFC 9110 §11.6.1); a 401 has to say.
    ///
    /// - Parameter challenge: the scheme and its parameters.
    /// - Returns: the field.
    package static func authenticate(_ challenge: String) -> Problem.Field {
        Problem.Field(name: "WWW-Authenticate", value: challenge)
    }

    /// The size that an unsatisfiable range missed (RFC 9110 §14.4); a 416 should say.
    ///
    /// - Parameter sizeBytes: the size of the representation in bytes.
    /// - Returns: the field.
    package static func contentRange(unsatisfiedOf sizeBytes: UInt64) -> Problem.Field {
        Problem.Field(name: "Content-Range", value: "bytes */\(sizeBytes)")
    }
}
