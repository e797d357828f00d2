internal import HTTP1

/// A stable word for each way in which a request can go wrong.
///
/// Programs branch on it, so a word keeps its meaning for good. The raw values are the words on the
/// wire and in the metrics; `openapi.yaml` lists them.
package enum ProblemCode: String, CaseIterable, Sendable {
    // The message itself.
    case invalidHTTP = "invalid_http"
    case targetTooLong = "target_too_long"
    case headTooLarge = "head_too_large"
    case versionUnsupported = "http_version_unsupported"
    case transferCodingUnsupported = "transfer_coding_unsupported"
    case methodTooLong = "method_too_long"
    case expectationFailed = "expectation_failed"
    case requestTimeout = "request_timeout"
    case lengthRequired = "length_required"

    // Who asks, and for what.
    case unauthorized
    case notFound = "not_found"
    case imageNotFound = "image_not_found"
    case linkNotFound = "link_not_found"
    case linkExpired = "link_expired"
    case methodNotAllowed = "method_not_allowed"
    case preconditionFailed = "precondition_failed"
    case rangeNotSatisfiable = "range_not_satisfiable"

    // The content.
    case invalidJSON = "invalid_json"
    case invalidExpiry = "invalid_expiry"
    case invalidMultipart = "invalid_multipart"
    case unsupportedMediaType = "unsupported_media_type"
    case unsupportedImage = "unsupported_image"
    case noImageFiles = "no_image_files"
    case filenameMissing = "filename_missing"
    case bodyTooLarge = "body_too_large"
    case fileTooLarge = "file_too_large"
    case tooManyFiles = "too_many_files"

    // This side.
    case internalError = "internal_error"
    case storageFailed = "storage_failed"
    case storageFull = "storage_full"
    case tooManyConnections = "too_many_connections"
    case tooManyUploads = "too_many_uploads"
    case outOfMemory = "out_of_memory"
    case shuttingDown = "shutting_down"
    case notReady = "not_ready"

    /// The status of the response.
    package var status: UInt16 {
        switch self {
        case .invalidHTTP, .invalidJSON, .invalidMultipart: 400
        case .unauthorized: 401
        case .notFound, .imageNotFound, .linkNotFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .linkExpired: 410
        case .lengthRequired: 411
        case .preconditionFailed: 412
        case .bodyTooLarge, .fileTooLarge, .tooManyFiles: 413
        case .targetTooLong: 414
        case .unsupportedMediaType, .unsupportedImage: 415
        case .rangeNotSatisfiable: 416
        case .expectationFailed: 417
        case .invalidExpiry, .noImageFiles, .filenameMissing: 422
        case .headTooLarge: 431
        case .internalError, .storageFailed: 500
        case .transferCodingUnsupported, .methodTooLong: 501
        case .tooManyConnections, .tooManyUploads, .outOfMemory, .shuttingDown, .notReady: 503
        case .versionUnsupported: 505
        case .storageFull: 507
        }
    }

    /// The phrase of the status, which is what `title` has to be for the type `about:blank`
    /// (RFC 9457 §4.2.1).
    package var title: String { Status(status).reasonPhrase }
}
