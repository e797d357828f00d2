import Bytes
import Multipart
import TestSupport
import Testing

/// Small bodies for tests that are about one thing in them.
enum Forms {
    static let boundaryText = "XX"

    /// Opens a part and leaves it open.
    static let partOpening = bytes("--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n")
    static let closeDelimiter = bytes("\r\n--XX--\r\n")

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func boundary() throws -> Boundary { try #require(Boundary(boundaryText.utf8)) }

    /// What a parser says about a body, having said the same under every cut.
    static func recording(
        of body: [UInt8],
        limits: MultipartLimits = MultipartLimits()
    ) throws -> Recording {
        let boundary = try boundary()
        let whole = Recording(of: body, cut: [0..<body.count], boundary: boundary, limits: limits)
        for chunking in Chunking.allCases {
            for cut in chunking.cuts(of: body.count) {
                let other = Recording(of: body, cut: cut, boundary: boundary, limits: limits)
                try #require(other == whole, "cut \(cut)")
            }
        }
        return whole
    }

    /// The error that ends a body under every cut, or `nil` when it has none.
    static func error(
        in body: [UInt8],
        limits: MultipartLimits = MultipartLimits()
    ) throws -> MultipartError? {
        guard case .error(let error) = try recording(of: body, limits: limits).entries.last else {
            return nil
        }
        return error
    }
}
