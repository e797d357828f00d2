/// The bytes that separate the parts of a multipart body, known to obey RFC 2046.
///
///     boundary := 0*69<bchars> bcharsnospace                        (RFC 2046 §5.1.1)
///
/// The check is more than form: a boundary has neither CR nor LF in it, and that is what makes the
/// search for it linear (see `DelimiterScanner`).
package struct Boundary: Hashable, Sendable, CustomStringConvertible {
    /// The longest boundary, in bytes: the number of RFC 2046 §5.1.1.
    ///
    /// Go holds writers to it, too; python-multipart and busboy set no limit of their own.
    package static let lengthLimitBytes = 70

    /// The boundary itself, without any hyphens before or after it.
    package let bytes: [UInt8]

    /// Checks the bytes of a boundary.
    ///
    /// The result is `nil` unless there are 1 to 70 `bchars` of which the last is no space.
    ///
    /// - Parameter bytes: the boundary, with quotes and escapes of the header field removed.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard !bytes.isEmpty, bytes.count <= Self.lengthLimitBytes, bytes.last != Grammar.space,
            bytes.allSatisfy(Grammar.isBoundaryCharacter)
        else { return nil }
        self.bytes = bytes
    }

    /// Takes the boundary from the `boundary` parameter of a `Content-Type` field.
    ///
    /// - Parameter parameterValue: the parameter's value with quotes and escapes removed, or `nil`
    ///   when the field has no such parameter.
    /// - Throws: `MultipartError` `.missingBoundary` or `.invalidBoundary` (400).
    package init(parameterValue: String?) throws(MultipartError) {
        guard let parameterValue else { throw .missingBoundary }
        guard let boundary = Boundary(parameterValue.utf8) else { throw .invalidBoundary }
        self = boundary
    }

    /// CR LF, two hyphens, the boundary: what stands before each part but possibly the first.
    package var delimiter: [UInt8] { Grammar.delimiterPrefix + bytes }

    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
