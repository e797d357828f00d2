internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct ImageAnswerTests {
    private static let content = Picture.gif(sizeBytes: 1_000)
    private let representation = ImageRepresentation(
        ImageRecord(
            id: ImageRecord.sample(1).id,
            sizeBytes: 1_000,
            kind: .gif,
            width: 2,
            height: 3,
            camera: nil,
            firstUpload: 784_111_777
        ),
        now: 784_111_777
    )

    private func answer(_ range: String?) -> ImageAnswer {
        ImageAnswer(
            representation: representation,
            range: range.map { ByteRange(parsing: $0.utf8Span.span, sizeBytes: 1_000) } ?? .whole
        )
    }

    /// The content of a response from memory; the image stands in the middle of its buffer.
    private func bytes(_ response: Response) -> [UInt8] {
        switch response.body {
        case .bytes(let bytes): bytes
        case .chunks(let chunks): chunks.flatMap { $0.buffer.span.copy($0.range) }
        case .none, .length, .blob: []
        }
    }

    private var chunk: OutputChunk {
        OutputChunk(Buffer(copying: [1, 2, 3] + Self.content + [4]), 3..<1_003)
    }

    private func fields(_ response: Response) -> [String] {
        response.fields.map { "\($0.name.rawName): \($0.value)" }
    }

    @Test func `a whole image has just the fields of the contract`() {
        let response = answer(nil).response(from: chunk)
        let id = representation.record.id.hex
        #expect(response.status == .ok)
        #expect(
            fields(response) == [
                "Content-Type: image/gif", "ETag: \"\(id)\"",
                "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",
                "Cache-Control: public, max-age=31536000, immutable",
                "Accept-Ranges: bytes",
                "X-Content-Type-Options: nosniff",
                "Content-Security-Policy: default-src 'none'; sandbox",
            ]
        )
        #expect(bytes(response) == Self.content)
    }

    @Test(
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=0-", 0..<1_000), ("bytes=-1", 999..<1_000),
            ("bytes=999-5000", 999..<1_000), ("bytes=10-19", 10..<20), ("bytes=-5000", 0..<1_000),
        ]
    )
    func `one range is its bytes, and says where they are`(text: String, range: Range<Int>) {
        let answer = answer(text)
        let response = answer.response(from: chunk)
        #expect(response.status == .partialContent)
        let contentRange = "bytes \(range.lowerBound)-\(range.upperBound - 1)/1000"
        #expect(fields(response).contains("Content-Range: \(contentRange)"))
        #expect(fields(response).contains("Content-Type: image/gif"))
        #expect(bytes(response) == Array(Self.content[range]))
        #expect(answer.sizeBytes == UInt64(range.count))
        #expect(response.contentLength == answer.sizeBytes)
    }

    @Test func `several ranges are parts, in the order asked for, to the byte`() {
        let answer = answer("bytes=500-501, -1, 0-2")
        let response = answer.response(from: chunk)
        #expect(response.status == .partialContent)
        let boundary = "range-" + representation.record.id.hex.prefix(32)
        #expect(
            fields(response).first == "Content-Type: multipart/byteranges; boundary=\(boundary)"
        )
        #expect(!fields(response).contains { $0.hasPrefix("Content-Range") })
        var expected: [UInt8] = []
        for (index, range) in [500..<502, 999..<1_000, 0..<3].enumerated() {
            expected += (index == 0 ? "" : "\r\n").utf8
            expected += "--\(boundary)\r\nContent-Type: image/gif\r\n".utf8
            expected += "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/1000".utf8
            expected += "\r\n\r\n".utf8
            expected += Self.content[range]
        }
        expected += "\r\n--\(boundary)--\r\n".utf8
        #expect(bytes(response) == expected)
        #expect(response.contentLength == UInt64(expected.count))
        #expect(answer.sizeBytes == UInt64(expected.count))
    }

    @Test func `a hot image's ready head is that of an answer without the fields that vary`() {
        let head = String(decoding: ImageHead(representation).whole, as: UTF8.self)
        let response = answer(nil).response(from: chunk)
        let standing = CORS.imageFields.map { "\($0.0.rawName): \($0.1)" }
        let expected =
            ["HTTP/1.1 200 OK"] + fields(response) + standing + ["Content-Length: 1000", ""]
        #expect(head == expected.joined(separator: "\r\n"))
    }

    /// RFC 9110 §8.8.2.1; a clock that was put back leaves uploads in the future.
    @Test(arguments: [(0, "37"), (1, "37"), (-1, "36"), (-30, "07")])
    func `an image was never changed later than now`(step: Int64, second: String) {
        let record = representation.record
        let representation = ImageRepresentation(record, now: record.firstUpload + step)
        let expected = "Last-Modified: Sun, 06 Nov 1994 08:49:\(second) GMT"
        let answer = ImageAnswer(representation: representation, range: .whole)
        #expect(fields(answer.response(from: chunk)).contains(expected))
        let head = String(decoding: ImageHead(representation).whole, as: UTF8.self)
        #expect(head.contains(expected + "\r\n"))
    }

    @Test func `an image that has not changed is answered without what describes the bytes`() {
        let names = representation.validatorFields.map(\.0.rawName)
        #expect(names.contains("ETag") && names.contains("Last-Modified"))
        #expect(names.contains("Cache-Control"))
        #expect(!names.contains("Content-Type") && !names.contains("Content-Length"))
    }
}
