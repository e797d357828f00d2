internal import Bytes

/// Whether the connection stays open after the response (RFC 9112 §9.3).
package enum Persistence: Hashable, Sendable {
    case keepAlive, close
}

/// What of a head decides the life of its connection: no text, so that it is copied for nothing.
package struct MessageControl: Hashable, Sendable {
    /// The version in the request line.
    package internal(set) var version = HTTPVersion.http11
    /// Whether the method is HEAD.
    package internal(set) var isHead = false
    /// How the body ends.
    package internal(set) var framing = BodyFraming.none
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package internal(set) var expectsContinue = false
    /// What the client wants to happen to the connection after the response.
    package internal(set) var persistence = Persistence.keepAlive

    /// Whether there is nothing to read after the head.
    var hasNoBody: Bool { framing == .none || framing == .contentLength(0) }
}

/// The request line and header fields of a request, checked.
///
/// An object, so that whoever serves the request can keep it without copying it: the parser fills
/// it again for the next request only when nobody else holds it.
package final class RequestHead {
    /// The method.
    package internal(set) var method = Method.get
    /// The form of the target, and where its parts lie.
    package internal(set) var target: RequestTarget?
    /// The header fields.
    package internal(set) var fields = Fields()
    /// What they, and the request line, say about the connection.
    package internal(set) var control = MessageControl()

    /// Makes an empty head, to be filled by a parser.
    init() {}

    /// Makes a head that was not read to its end, without fields.
    ///
    /// What was not found is empty, the method too: which one it was to be nobody knows.
    ///
    /// - Parameters:
    ///   - line: the request line's parser, wherever it stopped.
    ///   - bytes: what it has read.
    init(unfinished line: RequestLineParser, _ bytes: [UInt8]) {
        method = line.foundMethod.map { Method(bytes.span, $0) } ?? .other("")
        guard let found = line.foundTarget else { return }
        fields.storage = bytes.span.copy(0..<found.upperBound)
        target = RequestTarget(unfinished: found)
    }

    /// The version in the request line.
    package var version: HTTPVersion { control.version }
    /// How the body ends.
    package var framing: BodyFraming { control.framing }
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package var expectsContinue: Bool { control.expectsContinue }
    /// What the client wants to happen to the connection after the response.
    package var persistence: Persistence { control.persistence }

    /// See `Fields.hasConditionOrRange`, whose call would copy the fields first.
    package var hasConditionOrRange: Bool { fields.present & Fields.conditionsAndRange != 0 }
    /// Whether the client gave the request a name of its own.
    ///
    /// - Complexity: O(1).
    package var hasRequestID: Bool { fields.present & Fields.requestID != 0 }

    /// The form of the target.
    package var targetForm: RequestTarget.Form { target?.form ?? .origin }

    /// Lends the target as it was sent, in visible ASCII.
    ///
    /// - Parameter body: is given the target; called once, before the call returns.
    /// - Returns: what `body` returned.
    @inlinable @inline(__always)
    package func withTarget<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = fields.storage
        return body(bytes.span.extracting(target?.raw ?? 0..<0))
    }

    /// Lends the path as it was sent, escapes and all; empty for the forms that have none.
    ///
    /// - Parameter body: is given the path; called once, before the call returns.
    /// - Returns: what `body` returned.
    @inlinable @inline(__always)
    package func withPath<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = fields.storage
        return body(bytes.span.extracting(target?.path ?? 0..<0))
    }
}
