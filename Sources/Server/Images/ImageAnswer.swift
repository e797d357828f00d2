internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import UV

/// Which bytes of an image are sent, and in what form: whole, one range, or several
/// (RFC 9110 §14, §15.3.7).
struct ImageAnswer {
    let representation: ImageRepresentation
    let range: ByteRange

    /// Separates the parts of a multipart answer.
    ///
    /// The parts' lengths are known and their content is not searched, so that it need not be
    /// random: id bytes make it differ from image to image.
    private var boundary: String { "range-" + representation.record.id.hex.prefix(32) }

    /// Bytes of content.
    var sizeBytes: UInt64 { parts.reduce(0) { $0 + $1.sizeBytes } }

    /// The content as stretches of the image and of the protocol.
    private var parts: [BlobBody.Part] {
        let size = representation.record.sizeBytes
        switch range {
        case .whole, .unsatisfiable:
            return [.range(0..<size)]
        case .ranges(let ranges) where ranges.count == 1:
            return [.range(ranges[0])]
        case .ranges(let ranges):
            var parts: [BlobBody.Part] = []
            for (index, range) in ranges.enumerated() {
                let contentRange = ByteRange.contentRange(range, sizeBytes: size)
                let head =
                    (index == 0 ? "" : "\r\n")
                    + "--\(boundary)\r\n"
                    + "Content-Type: \(representation.record.kind.mediaType)\r\n"
                    + "Content-Range: \(contentRange)\r\n\r\n"
                parts.append(.bytes(Array(head.utf8)))
                parts.append(.range(range))
            }
            parts.append(.bytes(Array("\r\n--\(boundary)--\r\n".utf8)))
            return parts
        }
    }

    /// Makes the response.
    ///
    /// - Parameter body: the content, `sizeBytes` long.
    /// - Returns: `200` or `206` with all fields.
    func response(_ body: Response.Body) -> Response {
        let record = representation.record
        switch range {
        case .whole, .unsatisfiable:
            return Response(.ok, representation.fields, body: body)
        case .ranges(let ranges) where ranges.count == 1:
            var response = Response(.partialContent, representation.fields, body: body)
            let contentRange = ByteRange.contentRange(ranges[0], sizeBytes: record.sizeBytes)
            response.add(.contentRange, contentRange)
            return response
        case .ranges:
            let type = "multipart/byteranges; boundary=\(boundary)"
            let fields = [(FieldName.contentType, type)] + representation.contentFields
            return Response(.partialContent, fields, body: body)
        }
    }

    /// Makes the response from an image in memory, of which nothing is copied: a client that takes
    /// its bytes slowly keeps no more than the image itself alive.
    ///
    /// - Parameter content: all bytes of the image.
    /// - Returns: `200` or `206` with all fields.
    func response(from content: OutputChunk) -> Response {
        response(
            .chunks(
                parts.map { part in
                    switch part {
                    case .bytes(let text): OutputChunk(text)
                    case .range(let range):
                        content.part(Int(range.lowerBound)..<Int(range.upperBound))
                    }
                }
            )
        )
    }

    /// Makes the response from an image in a file.
    ///
    /// - Parameter blob: the open file; closed when the response is sent.
    /// - Returns: `200` or `206` with all fields.
    func response(from blob: any OpenBlob) -> Response {
        response(.blob(BlobBody(blob: blob, parts: parts)))
    }
}
