internal import Bytes

/// A request method: a token, told apart by case (RFC 9110 §9.1).
package enum Method: Hashable, Sendable {
    case get, head, post, put, delete, options, patch, connect, trace
    /// Any other token, as it was sent.
    case other(String)

    /// The method as it stands in a request line.
    package var rawValue: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other(let token): token
        }
    }

    /// Recognizes a method.
    ///
    /// - Parameters:
    ///   - bytes: where it lies.
    ///   - range: the token, checked by the request line's parser.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        // The two methods that nearly every request has are decided by length and first letters.
        let token = bytes.extracting(range)
        if token.count == 3, token[0] == UInt8(ascii: "G"), token[1] == UInt8(ascii: "E"),
            token[2] == UInt8(ascii: "T")
        {
            self = .get
            return
        }
        for method in Self.registered where token.equals(method.rawValue) {
            self = method
            return
        }
        self = .other(String(token))
    }

    private static let registered: [Method] = [
        .get, .head, .post, .put, .delete, .options, .patch, .connect, .trace,
    ]
}

extension Method: CustomStringConvertible {
    package var description: String { rawValue }
}
