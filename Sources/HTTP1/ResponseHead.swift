/// The status line and header fields of a response, in the order to be written.
package struct ResponseHead: Sendable {
    /// The status.
    package var status: Status
    /// The fields, without the framing ones, which the encoder writes.
    package var fields: [(name: FieldName, value: String)] = []
    /// Bytes of the content.
    ///
    /// For HEAD and 304 what a GET would give, or `nil` to leave it out; for statuses that never
    /// have content otherwise, `nil`.
    package var contentLength: UInt64?

    /// Makes a head.
    ///
    /// - Parameters:
    ///   - status: the status.
    ///   - contentLength: bytes of the content.
    ///   - fields: the fields, without Content-Length, Transfer-Encoding and Connection.
    package init(
        _ status: Status,
        contentLength: UInt64? = nil,
        fields: [(name: FieldName, value: String)] = []
    ) {
        self.status = status
        self.contentLength = contentLength
        self.fields = fields
    }
}
