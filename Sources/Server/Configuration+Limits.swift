internal import HTTP1

/// The settings as the parsers take them.
extension Configuration {
    /// What a request's head and chunked framing may have; none of it is a setting.
    var httpLimits: HTTPLimits { HTTPLimits() }

    /// What an upload may have.
    var uploadLimits: UploadLimits {
        UploadLimits(
            fileBytes: fileSizeMax,
            requestBytes: requestSizeMax,
            fileCount: filesPerRequestMax,
            partHeaderBytes: partHeaderSizeMax
        )
    }
}
