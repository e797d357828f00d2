/// Why a body is not acceptable multipart, where it went wrong, and what its sender should be told.
///
/// `offsetBytes` counts from the start of the body to the first byte that could not be accepted. It
/// is the same however the body was cut.
package enum MultipartError: Error, Hashable, Sendable {
    /// The content type has no `boundary` parameter.
    case missingBoundary
    /// The `boundary` parameter is not one of RFC 2046.
    case invalidBoundary
    /// More bytes before the first delimiter than `preambleBytes`.
    case preambleTooLong(offsetBytes: Int, limitBytes: Int)
    /// More white space behind a boundary than `transportPaddingBytes`.
    case transportPaddingTooLong(offsetBytes: Int, limitBytes: Int)
    /// One more part than `parts`.
    case tooManyParts(offsetBytes: Int, limit: Int)
    /// A part's header section larger than `partHeaderBytes`.
    case partHeaderTooLarge(offsetBytes: Int, limitBytes: Int)
    /// One more field in a part's header section than `fieldsPerPart`.
    case tooManyFields(offsetBytes: Int, limit: Int)
    /// A line in a part's header section that ends in LF without CR.
    case bareLineFeed(offsetBytes: Int)
    /// NUL, a CR inside a line, or another control character in a part's header section.
    case controlCharacter(offsetBytes: Int)
    /// A field continued on a second line, which HTTP has given up.
    case obsoleteLineFolding(offsetBytes: Int)
    /// A line in a part's header section that is no `name: value`.
    case malformedField(offsetBytes: Int)
    /// A second `Content-Disposition`, `Content-Type` or `Content-Transfer-Encoding` in one part.
    case duplicateField(offsetBytes: Int)
    /// A part without `Content-Disposition`.
    case missingContentDisposition(offsetBytes: Int)
    /// A part of another disposition than `form-data`.
    case notFormData(offsetBytes: Int)
    /// A `Content-Disposition` whose parameters do not parse.
    case malformedContentDisposition(offsetBytes: Int)
    /// A second `name`, `filename` or `filename*` parameter.
    case duplicateParameter(offsetBytes: Int)
    /// A `name` or `filename` that is not UTF-8.
    case invalidUTF8(offsetBytes: Int)
    /// A part encoded as base64 or quoted-printable.
    case unsupportedTransferEncoding(offsetBytes: Int)
    /// The body ended before its close delimiter.
    case endsEarly(offsetBytes: Int)
}

extension MultipartError {
    /// Where in the body it went wrong, or `nil` when the content type did.
    package var offsetBytes: Int? {
        switch self {
        case .missingBoundary, .invalidBoundary: nil
        case .preambleTooLong(let offset, _), .transportPaddingTooLong(let offset, _),
            .tooManyParts(let offset, _), .partHeaderTooLarge(let offset, _),
            .tooManyFields(let offset, _), .bareLineFeed(let offset),
            .controlCharacter(let offset), .obsoleteLineFolding(let offset),
            .malformedField(let offset), .duplicateField(let offset),
            .missingContentDisposition(let offset), .notFormData(let offset),
            .malformedContentDisposition(let offset), .duplicateParameter(let offset),
            .invalidUTF8(let offset), .unsupportedTransferEncoding(let offset),
            .endsEarly(let offset):
            offset
        }
    }

    /// The status code of the answer.
    ///
    /// What breaks the grammar is 400; what is well-formed but too much is 431 for header sections
    /// and 413 for the rest.
    package var status: Int {
        switch self {
        case .partHeaderTooLarge, .tooManyFields: 431
        case .tooManyParts, .preambleTooLong: 413
        case .missingBoundary, .invalidBoundary, .transportPaddingTooLong, .bareLineFeed,
            .controlCharacter, .obsoleteLineFolding, .malformedField, .duplicateField,
            .missingContentDisposition, .notFormData, .malformedContentDisposition,
            .duplicateParameter, .invalidUTF8, .unsupportedTransferEncoding, .endsEarly:
            400
        }
    }

    /// A stable word for programs.
    package var code: String {
        switch self {
        case .missingBoundary: "multipart_boundary_missing"
        case .invalidBoundary: "multipart_boundary_invalid"
        case .preambleTooLong: "multipart_preamble_too_long"
        case .transportPaddingTooLong: "multipart_padding_too_long"
        case .tooManyParts: "too_many_parts"
        case .partHeaderTooLarge: "part_header_too_large"
        case .tooManyFields: "part_header_too_many_fields"
        case .bareLineFeed: "part_header_bare_line_feed"
        case .controlCharacter: "part_header_control_character"
        case .obsoleteLineFolding: "part_header_folded"
        case .malformedField: "part_header_malformed"
        case .duplicateField: "part_header_duplicate_field"
        case .missingContentDisposition: "content_disposition_missing"
        case .notFormData: "content_disposition_not_form_data"
        case .malformedContentDisposition: "content_disposition_malformed"
        case .duplicateParameter: "content_disposition_duplicate_parameter"
        case .invalidUTF8: "content_disposition_not_utf8"
        case .unsupportedTransferEncoding: "part_transfer_encoding_unsupported"
        case .endsEarly: "multipart_ends_early"
        }
    }

    /// One sentence that tells the sender what to change.
    package var detail: String {
        switch self {
        case .missingBoundary:
            "Send the boundary parameter of multipart/form-data in Content-Type."
        case .invalidBoundary:
            "Use a boundary of 1 to \(Boundary.lengthLimitBytes) characters that RFC 2046 allows."
        case .preambleTooLong(let offset, let limit):
            "Start the body with the boundary of Content-Type: it did not come within the first "
                + "\(limit) bytes (offset \(offset))."
        case .transportPaddingTooLong(let offset, let limit):
            "Put at most \(limit) blanks behind a boundary (offset \(offset))."
        case .tooManyParts(let offset, let limit):
            "Send at most \(limit) parts in one body (offset \(offset))."
        case .partHeaderTooLarge(let offset, let limit):
            "Keep the header section of a part within \(limit) bytes (offset \(offset))."
        case .tooManyFields(let offset, let limit):
            "Send at most \(limit) header fields in one part (offset \(offset))."
        case .bareLineFeed(let offset):
            "End each header line of a part with CR LF, not LF alone (offset \(offset))."
        case .controlCharacter(let offset):
            "Remove the control character from the header section of the part (offset \(offset))."
        case .obsoleteLineFolding(let offset):
            "Put each header field of a part on one line (offset \(offset))."
        case .malformedField(let offset):
            "Write each header line of a part as a name, a colon and a value (offset \(offset))."
        case .duplicateField(let offset):
            "Send each header field of a part once (offset \(offset))."
        case .missingContentDisposition(let offset):
            "Give each part a Content-Disposition (its header section ends at offset \(offset))."
        case .notFormData(let offset):
            "Use the disposition form-data for each part (offset \(offset))."
        case .malformedContentDisposition(let offset):
            "Write the parameters of Content-Disposition as name=\"value\" (offset \(offset))."
        case .duplicateParameter(let offset):
            "Send each parameter of Content-Disposition once (offset \(offset))."
        case .invalidUTF8(let offset):
            "Send the names of parts and files in UTF-8 (offset \(offset))."
        case .unsupportedTransferEncoding(let offset):
            "Send the content of a part as it is, without a transfer encoding (offset \(offset))."
        case .endsEarly(let offset):
            "Send the whole body: it ended at offset \(offset), before its closing boundary."
        }
    }
}

extension MultipartError: CustomStringConvertible {
    package var description: String { "\(code): \(detail)" }
}
