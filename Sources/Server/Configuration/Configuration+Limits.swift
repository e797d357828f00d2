internal import HTTP1

/// The settings as the parsers take them.
extension Configuration {
    /// What a request's head and chunked framing may have; none of it is a setting.
    var httpLimits: HTTPLimits { HTTPLimits() }

    /// How long a connection waits for its client.
    var connectionTimeouts: ConnectionTimeouts {
        var timeouts = ConnectionTimeouts()
        timeouts.idleMilliseconds = UInt64(idleTimeoutSeconds) * 1_000
        timeouts.headMilliseconds = UInt64(headerTimeoutSeconds) * 1_000
        timeouts.bodyMilliseconds = UInt64(bodyTimeoutSeconds) * 1_000
        timeouts.bodyBytesPerSecondMin = UInt64(bodyBytesPerSecondMin)
        timeouts.writeMilliseconds = UInt64(writeTimeoutSeconds) * 1_000
        return timeouts
    }

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
