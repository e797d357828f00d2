/// Writes response heads (RFC 9112 §4, §5).
///
/// What is written here comes from our own code, so that a line end or control character in a value
/// is a programmer's mistake (response splitting, RFC 9112 §11.1) and traps. Whoever puts a
/// client's bytes into a field has to check them first: `isValidFieldValue`.
package struct ResponseEncoder: Sendable {
    /// Whom it answers: decides what is said about the connection and whether there is content.
    package struct Context: Hashable, Sendable {
        /// The version of the request.
        ///
        /// The response always says HTTP/1.1 (RFC 9110 §6.2), but an HTTP/1.0 client has to be told
        /// that its connection stays open.
        package var version: HTTPVersion
        /// Whether the connection stays open after this response.
        package var persistence: Persistence
        /// Whether the request was HEAD: the head is that of GET, and no content follows.
        package var isHead: Bool

        /// Whether the version says already all that is to be said about the connection.
        package var needsNoField: Bool {
            if case (.http11, .keepAlive) = (version, persistence) { true } else { false }
        }

        /// Makes a context.
        ///
        /// - Parameters:
        ///   - version: the version of the request.
        ///   - persistence: whether the connection stays open.
        ///   - isHead: whether the request was HEAD.
        package init(
            version: HTTPVersion = .http11,
            persistence: Persistence = .keepAlive,
            isHead: Bool = false
        ) {
            self.version = version
            self.persistence = persistence
            self.isHead = isHead
        }
    }

    /// `HTTP/1.1 100 Continue` and an empty line: all that is to be sent before a body is read.
    package static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Appends a status line.
    ///
    /// - Parameters:
    ///   - status: the status.
    ///   - output: gets the bytes.
    package static func encodeStatusLine(_ status: Status, into output: inout [UInt8]) {
        output += "HTTP/1.1 ".utf8
        encodeDecimal(UInt64(status.code), into: &output)
        // RFC 9112 §4: the space stands there even without a reason phrase.
        output.append(Grammar.space)
        output += status.reasonPhrase.utf8
        output += lineEnd
    }

    /// Appends one field line.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - value: the value, without CR, LF, NUL and other control characters, and without white
    ///     space around it.
    ///   - output: gets the bytes.
    package static func encode(
        _ name: FieldName,
        _ value: String,
        into output: inout [UInt8]
    ) {
        precondition(isValidFieldValue(value), "a field value must not contain control characters")
        output += name.rawName.utf8
        output += separator
        output += value.utf8
        output += lineEnd
    }

    /// Appends what is said about the connection: nothing where the version says it all.
    ///
    /// - Parameters:
    ///   - context: whom it answers.
    ///   - output: gets the bytes.
    package static func encodeConnection(_ context: Context, into output: inout [UInt8]) {
        switch (context.version, context.persistence) {
        case (_, .close): encode(.connection, "close", into: &output)
        case (.http10, .keepAlive): encode(.connection, "keep-alive", into: &output)
        case (.http11, .keepAlive): break
        }
    }

    /// Tells whether a string may be written as a field value.
    ///
    /// - Parameter value: any string.
    /// - Returns: false when it contains a control character other than HTAB, or begins or ends
    ///   with white space.
    package static func isValidFieldValue(_ value: String) -> Bool {
        let bytes = value.utf8Span.span
        guard !bytes.isEmpty else { return true }
        for i in bytes.indices where !Grammar.isMember(bytes[i], of: Grammar.fieldContent) {
            return false
        }
        return !Grammar.isMember(bytes[0], of: Grammar.ows)
            && !Grammar.isMember(bytes[bytes.count - 1], of: Grammar.ows)
    }

    private static let lineEnd = Array("\r\n".utf8)
    private static let separator = Array(": ".utf8)

    private static func encodeDecimal(_ value: UInt64, into output: inout [UInt8]) {
        let start = output.count
        var rest = value
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }
}
