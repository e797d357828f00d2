internal import Bytes
internal import Catalog
internal import HTTP1

/// The fields of an image's responses, encoded once.
///
/// All of them differ only in the status line, in which stretch of these bytes they have, and in
/// what is added at the end:
/// ```
/// Content-Type │ ETag, Last-Modified, Cache-Control │ Accept-Ranges, … │ Access-Control-…
///              └────────── validators ──────────────┘                  └───── CORS ──────┘
/// 200: all of it    206: Content-Range before CORS    304: validators and CORS
/// ```
struct ImageHead {
    /// The status line of a `200`, all fields, and `Content-Length` of the whole image.
    let whole: [UInt8]
    private let fields: Range<Int>
    private let validators: Range<Int>
    private let cors: Range<Int>

    /// Encodes the fields of an image.
    ///
    /// - Parameter representation: the image.
    init(_ representation: ImageRepresentation) {
        var bytes: [UInt8] = []
        func encode(_ fields: [(FieldName, String)]) -> Range<Int> {
            let start = bytes.count
            for (name, value) in fields { ResponseEncoder.encode(name, value, into: &bytes) }
            return start..<bytes.count
        }
        let validators = representation.validatorFields
        ResponseEncoder.encodeStatusLine(.ok, into: &bytes)
        let start = bytes.count
        _ = encode([(.contentType, representation.record.kind.mediaType)])
        self.validators = encode(validators)
        _ = encode(Array(representation.contentFields.dropFirst(validators.count)))
        fields = start..<bytes.count
        cors = encode(CORS.imageFields)
        _ = encode([(.contentLength, "\(representation.record.sizeBytes)")])
        whole = bytes
    }

    private static let notModifiedLine = statusLine(.notModified)
    private static let partialContentLine = statusLine(.partialContent)

    private static let contentRangeName = Array("Content-Range: bytes ".utf8)
    private static let dash = Array("-".utf8)
    private static let slash = Array("/".utf8)
    private static let contentLengthName = Array("Content-Length: ".utf8)
    private static let lineEnd = Array("\r\n".utf8)

    private static func statusLine(_ status: Status) -> [UInt8] {
        var line: [UInt8] = []
        ResponseEncoder.encodeStatusLine(status, into: &line)
        return line
    }

    /// Adds the head of a `200`, up to what differs each time.
    ///
    /// - Parameter output: where it is written.
    func appendWhole(to output: OutputBatch) { output.append(whole.span) }

    /// Adds the head of a `304` (RFC 9110 §15.4.5), up to what differs each time.
    ///
    /// - Parameter output: where it is written.
    func appendNotModified(to output: OutputBatch) {
        output.append(Self.notModifiedLine.span)
        output.append(whole.span.extracting(validators))
        output.append(whole.span.extracting(cors))
    }

    /// Adds the head of a `206` with one range (RFC 9110 §15.3.7.1), up to what differs each time.
    ///
    /// - Parameters:
    ///   - range: the bytes that are sent, not empty.
    ///   - sizeBytes: the size of the whole image.
    ///   - output: where it is written.
    func appendPartial(_ range: Range<Int>, of sizeBytes: Int, to output: OutputBatch) {
        output.append(Self.partialContentLine.span)
        output.append(whole.span.extracting(fields))
        output.append(Self.contentRangeName.span)
        output.appendDecimal(range.lowerBound)
        output.append(Self.dash.span)
        output.appendDecimal(range.upperBound - 1)
        output.append(Self.slash.span)
        output.appendDecimal(sizeBytes)
        output.append(Self.lineEnd.span)
        output.append(whole.span.extracting(cors))
        output.append(Self.contentLengthName.span)
        output.appendDecimal(range.count)
        output.append(Self.lineEnd.span)
    }
}
