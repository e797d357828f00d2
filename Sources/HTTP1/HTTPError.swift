/// Why a request was refused, where, and what to answer.
///
/// `reason.rawValue` is the stable word for programs, `detail` one sentence that tells the client
/// what to change. After such an error the framing of the connection is unknown: it is answered and
/// closed.
package struct HTTPError: Error, Hashable, Sendable {
    /// What was wrong.
    package let reason: Reason
    /// Bytes between the end of the previous request on this connection and the offending byte.
    ///
    /// The same under every cut of the input.
    package let offset: Int

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - reason: what was wrong.
    ///   - offset: bytes from the start of the request to the offending byte.
    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The status code to answer with.
    package var status: Status { reason.status }
    /// The stable snake-case word for programs.
    package var code: String { reason.rawValue }
    /// One sentence that tells the client what to change.
    package var detail: String { reason.detail }
}

extension HTTPError: CustomStringConvertible {
    package var description: String { "\(status.code) \(code) at byte \(offset): \(detail)" }
}

extension HTTPError {
    /// What can be wrong with a request.
    package enum Reason: String, CaseIterable, Sendable {
        case bareCarriageReturn = "bare_carriage_return"
        case bareLineFeed = "bare_line_feed"
        case invalidMethod = "invalid_method"
        case methodTooLong = "method_too_long"
        case invalidRequestLine = "invalid_request_line"
        case invalidTarget = "invalid_target"
        case fragmentInTarget = "fragment_in_target"
        case targetTooLong = "target_too_long"
        case invalidVersion = "invalid_version"
        case unsupportedVersion = "unsupported_version"
        case emptyFieldName = "empty_field_name"
        case invalidFieldName = "invalid_field_name"
        case whitespaceBeforeColon = "whitespace_before_colon"
        case missingColon = "missing_colon"
        case obsoleteFolding = "obsolete_line_folding"
        case invalidFieldValue = "invalid_field_value"
        case fieldSectionTooLarge = "field_section_too_large"
        case tooManyFields = "too_many_fields"
        case missingHost = "missing_host"
        case repeatedHost = "repeated_host"
        case invalidHost = "invalid_host"
        case invalidContentLength = "invalid_content_length"
        case repeatedContentLength = "repeated_content_length"
        case bothFramings = "both_framings"
        case transferEncodingInHTTP10 = "transfer_encoding_in_http_1_0"
        case invalidTransferEncoding = "invalid_transfer_encoding"
        case unsupportedTransferCoding = "unsupported_transfer_coding"
        case unsupportedExpectation = "unsupported_expectation"
        case invalidChunkSize = "invalid_chunk_size"
        case chunkSizeTooLarge = "chunk_size_too_large"
        case invalidChunkExtension = "invalid_chunk_extension"
        case chunkExtensionsTooLarge = "chunk_extensions_too_large"
        case invalidChunkEnd = "invalid_chunk_end"
        case forbiddenTrailer = "forbidden_trailer"

        /// The status code to answer with.
        package var status: Status {
            switch self {
            case .bareCarriageReturn, .bareLineFeed, .invalidMethod, .invalidRequestLine,
                .invalidTarget, .fragmentInTarget, .invalidVersion, .emptyFieldName,
                .invalidFieldName, .whitespaceBeforeColon, .missingColon, .obsoleteFolding,
                .invalidFieldValue, .missingHost, .repeatedHost, .invalidHost,
                .invalidContentLength, .repeatedContentLength, .bothFramings,
                .transferEncodingInHTTP10, .invalidTransferEncoding, .invalidChunkSize,
                .invalidChunkExtension, .invalidChunkEnd, .forbiddenTrailer:
                .badRequest
            case .chunkSizeTooLarge, .chunkExtensionsTooLarge: .contentTooLarge
            case .targetTooLong: .uriTooLong
            case .unsupportedExpectation: .expectationFailed
            case .fieldSectionTooLarge, .tooManyFields: .requestHeaderFieldsTooLarge
            case .methodTooLong, .unsupportedTransferCoding: .notImplemented
            case .unsupportedVersion: .httpVersionNotSupported
            }
        }
    }
}
