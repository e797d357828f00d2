extension HTTPError.Reason {
    /// One sentence that tells the client what to change.
    package var detail: String {
        switch self {
        case .bareCarriageReturn: "Follow every CR by LF; a line must not contain a CR of its own."
        case .bareLineFeed: "End every line with CR LF, not with LF alone."
        case .invalidMethod: "Begin the request with a method made of token characters."
        case .methodTooLong: "Use a method of at most \(HTTPLimits.methodBytesMax) characters."
        case .invalidRequestLine:
            "Send the request line as method, target and version with one space between them."
        case .invalidTarget:
            "Send a target that is a path, an http URI, or `*` for OPTIONS, in visible ASCII."
        case .fragmentInTarget: "Leave the fragment (`#` and what follows) out of the target."
        case .targetTooLong: "Use a shorter request target."
        case .invalidVersion: "Send the version as `HTTP/1.1`, in upper case."
        case .unsupportedVersion: "Use HTTP/1.1 or HTTP/1.0."
        case .emptyFieldName: "Put a name before the colon of each header field."
        case .invalidFieldName: "Use only token characters in header field names."
        case .whitespaceBeforeColon: "Remove the white space between field name and colon."
        case .missingColon: "Separate the name and value of each header field by a colon."
        case .obsoleteFolding: "Send each header field on one line; folding is obsolete."
        case .invalidFieldValue: "Remove the control characters from the header field value."
        case .fieldSectionTooLarge: "Send fewer or smaller header fields."
        case .tooManyFields: "Send fewer header fields."
        case .missingHost: "Send a Host header field."
        case .repeatedHost: "Send exactly one Host header field."
        case .invalidHost: "Send a Host header field of the form host or host:port."
        case .invalidContentLength: "Send Content-Length as one decimal number of bytes."
        case .repeatedContentLength: "Send Content-Length only once."
        case .bothFramings: "Send either Content-Length or Transfer-Encoding, not both."
        case .transferEncodingInHTTP10: "Use Content-Length in HTTP/1.0, or HTTP/1.1."
        case .invalidTransferEncoding: "Send `Transfer-Encoding: chunked` once and nothing else."
        case .unsupportedTransferCoding: "Use no transfer coding other than chunked."
        case .unsupportedExpectation: "Expect nothing but `100-continue`."
        case .invalidChunkSize: "Begin each chunk with its size in hexadecimal digits and CR LF."
        case .chunkSizeTooLarge: "Send chunks of a size that fits into 63 bits."
        case .invalidChunkExtension: "Remove the control characters from the chunk extension."
        case .chunkExtensionsTooLarge: "Send the chunks without extensions."
        case .invalidChunkEnd: "End the data of each chunk, after exactly its size, with CR LF."
        case .forbiddenTrailer: "Send framing and routing fields in the header, not as trailers."
        }
    }
}
