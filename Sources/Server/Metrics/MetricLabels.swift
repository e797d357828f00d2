/// What a request was about, as a label: a fixed word, never the path, so that clients cannot make
/// time series.
package enum MetricRoute: String, CaseIterable, Sendable {
    case generateUploadLink = "generate_upload_link"
    case uploadImages = "upload_images"
    case image
    case stats
    case statsDetails = "stats_details"
    case openAPI = "openapi"
    case docs
    case page
    case health = "healthz"
    case readiness = "readyz"
    case metrics
    /// No path of ours, or a message that is not HTTP.
    case other
}

/// Why a file was refused, as a label.
package enum FileRefusal: String, CaseIterable, Sendable {
    /// Its bytes are of no supported format.
    case unsupportedFormat = "unsupported_format"
    /// Its header is damaged, ends early, or gives no size.
    case invalidHeader = "invalid_header"
    /// It has no bytes.
    case empty
    /// It is larger than a file may be.
    case tooLarge = "too_large"
}
