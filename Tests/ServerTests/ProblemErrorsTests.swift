internal import BlobStore
internal import Catalog
internal import HTTP1
internal import Multipart
@testable internal import Server
internal import Testing

@Suite struct ProblemErrorsTests {
    @Test(arguments: HTTPError.Reason.allCases)
    func `what the HTTP parser refuses is answered with the parser's own status`(
        reason: HTTPError.Reason
    ) {
        let problem = Problem(HTTPError(reason, at: 0))
        #expect(Status(problem.code.status) == reason.status)
        #expect(problem.detail == reason.detail)
    }

    @Test(
        arguments: [
            (.tooManyParts(offsetBytes: 1, limit: 2), "too_many_files"),
            (.partHeaderTooLarge(offsetBytes: 1, limitBytes: 2), "head_too_large"),
            (.tooManyFields(offsetBytes: 1, limit: 2), "head_too_large"),
            (.missingBoundary, "invalid_multipart"), (.invalidBoundary, "invalid_multipart"),
            (.preambleTooLong(offsetBytes: 1, limitBytes: 2), "invalid_multipart"),
            (.endsEarly(offsetBytes: 1), "invalid_multipart"),
            (.invalidUTF8(offsetBytes: 1), "invalid_multipart"),
        ] as [(MultipartError, String)]
    )
    func `what the form's parser refuses is told with its own sentence`(
        error: MultipartError,
        code: String
    ) {
        #expect(Problem(error).code.rawValue == code)
        #expect(Problem(error).detail == error.detail)
    }

    @Test(arguments: BlobStoreError.Code.allCases)
    func `what the store says is for the log, and the client learns what to do`(
        code: BlobStoreError.Code
    ) {
        let secret = "/data/incoming/0123"
        let problem = Problem(BlobStoreError(code, "writing \(secret)"))
        let expected: ProblemCode =
            switch code {
            case .noSpace: .storageFull
            case .tooManyOpenFiles: .tooManyUploads
            case .outOfMemory: .outOfMemory
            case .notFound, .corrupted, .inUse, .discarded, .io: .storageFailed
            }
        #expect(problem.code == expected)
        #expect(!problem.detail.contains(secret))
    }

    @Test(
        arguments: [
            (.noSpace, "storage_full"), (.full, "storage_full"), (.closed, "shutting_down"),
            (.tooManyImages, "too_many_files"), (.damaged, "storage_failed"),
            (.io, "storage_failed"),
        ] as [(CatalogError.Code, String)]
    )
    func `what the catalog says is for the log, too`(code: CatalogError.Code, expected: String) {
        let problem = Problem(CatalogError(code, "a secret"))
        #expect(problem.code.rawValue == expected)
        #expect(!problem.detail.contains("a secret"))
    }

    @Test func `a problem becomes a response that no cache keeps`() {
        let response = Response(Problem.methodNotAllowed(.stats))
        #expect(response.status == Status(405))
        let fields = response.fields.map { "\($0.name.rawName): \($0.value)" }
        #expect(
            fields == [
                "Content-Type: application/problem+json", "Cache-Control: no-store",
                "Allow: GET, HEAD, OPTIONS",
            ]
        )
        #expect(response.contentLength == UInt64(Problem.methodNotAllowed(.stats).encode().count))
    }
}
