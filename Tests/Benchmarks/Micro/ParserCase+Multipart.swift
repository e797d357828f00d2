internal import Bytes
internal import Multipart
internal import TestSupport

extension ParserCase {
    /// Forms with one large file and with many small ones.
    static var multipart: [ParserCase] {
        [
            form("multipart-8MiB-random", countedRuns: 5) { [randomBytes(8 << 20)] },
            // Each byte may be the first of a delimiter: the most that a client can ask for.
            form("multipart-8MiB-all-CR", countedRuns: 5) {
                [[UInt8](repeating: UInt8(ascii: "\r"), count: 8 << 20)]
            },
            form("multipart-900-parts-1KiB", countedRuns: 20) {
                let content = randomBytes(1 << 10)
                return [[UInt8]](repeating: content, count: 900)
            },
        ]
    }

    private static let boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 4)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for _ in 0..<count / 8 { bytes.appendLittleEndian(random.next()) }
        return bytes
    }

    private static func form(
        _ name: String,
        countedRuns: Int,
        _ contents: @escaping () -> [[UInt8]]
    ) -> ParserCase {
        ParserCase(name: name, countedRuns: countedRuns) {
            let bytes = encode(contents())
            return Work(byteCount: bytes.count) { try read(bytes) }
        }
    }

    private static func encode(_ contents: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (number, content) in contents.enumerated() {
            let head = """
                --\(boundary)\r
                Content-Disposition: form-data; name="image_files"; filename="IMG_\(number).jpg"\r
                Content-Type: image/jpeg\r
                \r\n
                """
            bytes += Array(head.utf8) + content + Array("\r\n".utf8)
        }
        return bytes + Array("--\(boundary)--\r\n".utf8)
    }

    /// Reads a form from its first byte to its last, with a parser of its own as every upload has.
    private static func read(_ bytes: [UInt8]) throws -> Int {
        guard let boundary = Boundary(Array(boundary.utf8)) else {
            throw ParserCaseError(description: "no boundary")
        }
        var parser = MultipartParser(boundary: boundary)
        var sum = 0
        for start in stride(from: 0, to: bytes.count, by: socketReadBytes) {
            let end = min(bytes.count, start + socketReadBytes)
            let piece = bytes.span.extracting(start..<end)
            var offset = 0
            reading: while true {
                switch try parser.next(piece, at: &offset) {
                case .needMoreData: break reading
                case .content(let range), .heldContent(let range): sum += range.count
                case .partBegan(let head): sum += head.filename?.utf8.count ?? 0
                case .partEnded: sum += 1
                case .end: sum += 1
                }
            }
        }
        try parser.finish()
        return sum
    }
}
