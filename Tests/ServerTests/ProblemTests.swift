internal import Server
internal import Testing

@Suite struct ProblemTests {
    private func text(_ problem: Problem) -> String {
        String(decoding: problem.encode(), as: UTF8.self)
    }

    @Test func `a document has type, title, status, detail and code in this order`() {
        #expect(
            text(Problem(.linkExpired, "The link has expired: ask for a new one."))
                == #"{"type":"about:blank","title":"Gone","status":410,"#
                + #""detail":"The link has expired: ask for a new one.","code":"link_expired"}"#
        )
    }

    @Test func `what helps besides comes last, in the order given`() {
        let problem = Problem(
            .unsupportedImage,
            "Send images.",
            members: [
                .files([
                    .init(filename: "a \"b\".txt\n", reason: "It is no image."),
                    .init(filename: "c", reason: "It is empty."),
                ]),
                .allowed(["JPEG", "PNG"]),
                .limitBytes(10),
                .limitFiles(3),
            ]
        )
        #expect(
            text(problem).hasSuffix(
                #""code":"unsupported_image","files":[{"filename":"a \"b\".txt\n","#
                    + #""reason":"It is no image."},{"filename":"c","reason":"It is empty."}],"#
                    + #""allowed":["JPEG","PNG"],"limit_bytes":10,"limit_files":3}"#
            )
        )
    }

    @Test func `the fields that some statuses need are spelled as RFC 9110 has them`() {
        let fields: [Problem.Field] = [
            .allow(["GET", "HEAD"]), .retryAfter(seconds: 5), .authenticate("ApiKey"),
            .contentRange(unsatisfiedOf: 47),
        ]
        #expect(
            fields.map { "\($0.name): \($0.value)" } == [
                "Allow: GET, HEAD", "Retry-After: 5", "WWW-Authenticate: ApiKey",
                "Content-Range: bytes */47",
            ]
        )
    }

    /// The contract's table of errors.
    @Test(
        arguments: [
            (400, ["invalid_http", "invalid_json", "invalid_multipart"]),
            (401, ["unauthorized"]),
            (404, ["not_found", "image_not_found", "link_not_found"]),
            (405, ["method_not_allowed"]),
            (408, ["request_timeout"]),
            (410, ["link_expired"]),
            (411, ["length_required"]),
            (412, ["precondition_failed"]),
            (413, ["body_too_large", "file_too_large", "too_many_files"]),
            (414, ["target_too_long"]),
            (415, ["unsupported_media_type", "unsupported_image"]),
            (416, ["range_not_satisfiable"]),
            (417, ["expectation_failed"]),
            (422, ["invalid_expiry", "no_image_files", "filename_missing"]),
            (431, ["head_too_large"]),
            (500, ["internal_error", "storage_failed"]),
            (501, ["transfer_coding_unsupported", "method_too_long"]),
            (
                503,
                [
                    "too_many_connections", "too_many_uploads", "out_of_memory", "shutting_down",
                    "not_ready",
                ]
            ),
            (505, ["http_version_unsupported"]),
            (507, ["storage_full"]),
        ] as [(UInt16, [String])]
    )
    func `a status has just these codes`(status: UInt16, codes: [String]) {
        let having = ProblemCode.allCases.filter { $0.status == status }
        #expect(having.map(\.rawValue).sorted() == codes.sorted())
        // One phrase a status, and each is registered.
        #expect(Set(having.map(\.title)).count == 1)
        #expect(having.first?.title.isEmpty == false)
    }

    @Test func `codes are lower-case words`() {
        for code in ProblemCode.allCases {
            #expect(code.rawValue.allSatisfy { $0 == "_" || ("a"..."z").contains($0) })
        }
    }
}
