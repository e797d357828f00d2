internal import Catalog

/// The body of an upload, and the request around it.
struct Form {
    static let boundary = "a-boundary"
    private(set) var bytes: [UInt8] = []

    init(files: [(name: String, content: [UInt8])] = []) {
        for file in files { add(file: file.name, file.content) }
    }

    /// Adds a part named `image_files`.
    mutating func add(file name: String, _ content: [UInt8]) {
        add(#"form-data; name="image_files"; filename="\#(name)""#, content)
    }

    /// Adds a part with some disposition.
    mutating func add(_ disposition: String, _ content: [UInt8]) {
        bytes += "--\(Self.boundary)\r\nContent-Disposition: \(disposition)\r\n\r\n".utf8
        bytes += content
        bytes += "\r\n".utf8
    }

    /// The body with its close delimiter.
    var whole: [UInt8] { bytes + Array("--\(Self.boundary)--\r\n".utf8) }

    /// The head of the request that uploads it.
    static func head(
        to link: LinkID,
        framing: String,
        fields: String = ""
    ) -> [UInt8] {
        Array(
            """
            POST /api/upload-images/\(link.text) HTTP/1.1\r\nHost: test\r\n\
            x-api-key: \(ServerUnderTest.key)\r\nX-Request-Id: upload\r\n\
            Content-Type: multipart/form-data; boundary=\(boundary)\r\n\
            \(framing)\r\n\(fields)\r\n
            """.utf8
        )
    }

    /// The whole request with `Content-Length`.
    func request(to link: LinkID, fields: String = "") -> [UInt8] {
        Self.head(to: link, framing: "Content-Length: \(whole.count)", fields: fields) + whole
    }

    /// The whole request in chunks of some length.
    func chunkedRequest(to link: LinkID, chunkBytes: Int) -> [UInt8] {
        var request = Self.head(to: link, framing: "Transfer-Encoding: chunked")
        var rest = whole[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(chunkBytes)
            request += "\(String(chunk.count, radix: 16))\r\n".utf8
            request += chunk
            request += "\r\n".utf8
            rest = rest.dropFirst(chunk.count)
        }
        return request + Array("0\r\n\r\n".utf8)
    }
}

/// Images that differ from each other, made of a header and filler.
enum Picture {
    /// Makes a GIF; 13 bytes of it are the header (GIF89a §17, §18).
    static func gif(sizeBytes: Int = 64, _ number: UInt8 = 1) -> [UInt8] {
        var bytes = Array("GIF89a".utf8) + [2, 0, 3, 0, 0, 0, 0]
        precondition(sizeBytes >= bytes.count, "a GIF has at least its header")
        bytes.reserveCapacity(sizeBytes)
        // The period is a prime, unlike every buffer size, so that a wrong place shows.
        let period = (0..<251).map { UInt8(truncatingIfNeeded: $0 &* 7) &+ number }
        while bytes.count < sizeBytes { bytes += period.prefix(sizeBytes - bytes.count) }
        return bytes
    }
}
