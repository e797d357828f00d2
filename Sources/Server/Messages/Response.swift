internal import BlobStore
internal import HTTP1
internal import UV

/// What an endpoint answers: the values, before they become bytes.
///
/// `Content-Length`, `Date`, `X-Request-Id` and `Connection` are added when it is written.
struct Response {
    /// The status code.
    var status: Status
    /// Header fields in the order in which they are written.
    var fields: [Field]
    /// The content.
    var body: Body

    /// A header field.
    struct Field {
        var name: FieldName
        var value: String
    }

    /// Where the content comes from.
    enum Body {
        case none
        /// So many bytes, which are not at hand: for HEAD.
        case length(UInt64)
        case bytes([UInt8])
        /// Bytes that lie ready, in order; at least one each.
        case chunks([OutputChunk])
        case blob(BlobBody)
    }

    /// Makes a response.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - fields: names and values in the order in which they are written.
    ///   - body: the content.
    init(_ status: Status, _ fields: [(FieldName, String)] = [], body: Body = .none) {
        self.status = status
        self.fields = fields.map { Field(name: $0.0, value: $0.1) }
        self.body = body
    }

    /// Makes a response with text of some type.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - type: the media type.
    ///   - bytes: the content.
    init(_ status: Status = .ok, type: String, _ bytes: [UInt8]) {
        self.init(status, [(.contentType, type)], body: .bytes(bytes))
    }

    /// Adds a header field at the end.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    mutating func add(_ name: FieldName, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Bytes of content, whether or not they are sent (`HEAD`).
    var contentLength: UInt64 {
        switch body {
        case .none: 0
        case .length(let sizeBytes): sizeBytes
        case .bytes(let bytes): UInt64(bytes.count)
        case .chunks(let chunks): chunks.reduce(0) { $0 + UInt64($1.range.count) }
        case .blob(let body): body.sizeBytes
        }
    }
}

/// Content that is read from a stored blob while it is sent.
struct BlobBody {
    /// A stretch of the content.
    enum Part {
        /// Bytes of the protocol, between the ranges of a multipart response.
        case bytes([UInt8])
        /// Bytes of the blob.
        case range(Range<UInt64>)

        var sizeBytes: UInt64 {
            switch self {
            case .bytes(let bytes): UInt64(bytes.count)
            case .range(let range): range.upperBound - range.lowerBound
            }
        }
    }

    /// The open blob; closed when the content is sent or given up.
    let blob: any OpenBlob
    /// The stretches, in order.
    let parts: [Part]

    /// Bytes of content.
    var sizeBytes: UInt64 { parts.reduce(0) { $0 + $1.sizeBytes } }
}
