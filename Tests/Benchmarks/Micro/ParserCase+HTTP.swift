internal import HTTP1

extension ParserCase {
    /// Request heads, a chunked body, and the head of an answer.
    static var http: [ParserCase] {
        [
            heads("http-head-wrk", [wrkHead(port: 8_001), wrkHead(port: 8_002)]),
            heads("http-head-browser", [browserHead(maxAge: 0), browserHead(maxAge: 1)]),
            heads("http-head-browser-again", [browserHead(maxAge: 0)]),
            chunkedBody,
            responseHead,
        ]
    }

    private static let path = "/api/images/" + String(repeating: "0123456789abcdef", count: 4)

    /// What wrk sends for a GET.
    private static func wrkHead(port: Int) -> String {
        "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n"
    }

    /// What Chromium sends for an image in a page, field by field.
    private static func browserHead(maxAge: Int) -> String {
        """
        GET \(path) HTTP/1.1\r
        Host: images.example.org\r
        Connection: keep-alive\r
        sec-ch-ua-platform: "Linux"\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/131.0.0.0 Safari/537.36\r
        sec-ch-ua: "Chromium";v="131", "Not_A Brand";v="24"\r
        sec-ch-ua-mobile: ?0\r
        Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8\r
        Sec-Fetch-Site: cross-site\r
        Sec-Fetch-Mode: no-cors\r
        Sec-Fetch-Dest: image\r
        Referer: https://www.example.org/albums/2024/spring/\r
        Accept-Encoding: gzip, deflate, br, zstd\r
        Accept-Language: en-GB,en;q=0.9,de;q=0.8\r
        If-None-Match: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"\r
        Cache-Control: max-age=\(maxAge)\r
        \r\n
        """
    }

    /// One connection's parser reads requests in turns, as from a kept-alive client.
    ///
    /// Fields that come again are not parsed: two requests that differ in their last byte are what
    /// parsing costs, one alone is what it costs mostly.
    private static func heads(_ name: String, _ texts: [String]) -> ParserCase {
        let requests = texts.map { Array($0.utf8) }
        return ParserCase(name: name, countedRuns: 2_000) {
            let reader = RequestReader()
            var next = 0
            return Work(byteCount: requests[0].count) {
                let bytes = requests[next]
                next = (next + 1) % requests.count
                return try reader.read(bytes, pieceBytes: bytes.count)
            }
        }
    }

    /// A mebibyte in chunks of 16 KiB, which is what clients choose, in the server's reads.
    private static var chunkedBody: ParserCase {
        ParserCase(name: "http-chunked-1MiB", countedRuns: 50) {
            let head = "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10)
            var bytes = Array(head.utf8)
            for _ in 0..<64 { bytes += Array("4000\r\n".utf8) + chunk + Array("\r\n".utf8) }
            bytes += Array("0\r\n\r\n".utf8)
            let (request, reader) = (bytes, RequestReader())
            return Work(byteCount: request.count) {
                try reader.read(request, pieceBytes: socketReadBytes)
            }
        }
    }

    /// How much of a large body comes with one read of the socket.
    static let socketReadBytes = 64 << 10

    /// The head of an image's answer, put together as the server does for all answers but those of
    /// hot images, whose heads lie ready.
    private static var responseHead: ParserCase {
        let fields: [(FieldName, String)] = [
            (.contentType, "image/jpeg"),
            (.eTag, "\"" + String(repeating: "0123456789abcdef", count: 4) + "\""),
            (.lastModified, "Mon, 06 May 2024 12:00:00 GMT"),
            (.cacheControl, "public, max-age=31536000, immutable"),
            (.acceptRanges, "bytes"),
            (.xContentTypeOptions, "nosniff"),
            (.contentSecurityPolicy, "default-src 'none'; sandbox"),
            (.accessControlAllowOrigin, "*"),
            (.crossOriginResourcePolicy, "cross-origin"),
            (.contentLength, "20480"),
            (.date, "Mon, 06 May 2024 12:00:00 GMT"),
            (.xRequestID, "0123456789abcdef-1"),
        ]
        return ParserCase(name: "http-response-head", countedRuns: 2_000) {
            var output: [UInt8] = []
            encode(fields, into: &output)
            return Work(byteCount: output.count) {
                output.removeAll(keepingCapacity: true)
                encode(fields, into: &output)
                return output.count
            }
        }
    }

    private static func encode(_ fields: [(FieldName, String)], into output: inout [UInt8]) {
        ResponseEncoder.encodeStatusLine(.ok, into: &output)
        for (name, value) in fields { ResponseEncoder.encode(name, value, into: &output) }
        ResponseEncoder.encodeConnection(ResponseEncoder.Context(), into: &output)
        output += "\r\n".utf8
    }
}

/// Holds what lives as long as a connection.
private final class RequestReader {
    private var parser = RequestParser(limits: HTTPLimits())

    func read(_ bytes: [UInt8], pieceBytes: Int) throws -> Int {
        var bodyBytes = 0
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let end = min(bytes.count, start + pieceBytes)
            let piece = bytes.span.extracting(start..<end)
            var offset = 0
            reading: while true {
                switch try parser.next(piece, at: &offset) {
                case .needMoreData: break reading
                case .head: bodyBytes += parser.head.fields.count
                case .body(let range): bodyBytes += range.count
                case .end: return bodyBytes
                }
            }
        }
        throw ParserCaseError(description: "the request did not end")
    }
}
