import Testing

/// Our parser beside python-multipart, on bodies made from seeds.
///
/// They differ on purpose in three places:
///
/// - Preamble: python-multipart refuses any; RFC 2046 §5.1.1 has it skipped, and we bound it.
/// - Transport padding: python-multipart refuses it behind the first boundary, and makes data of
///   nothing that has some behind a boundary; RFC 2046 §5.1.1 says that receivers must handle it.
/// - A part of headers only, where the empty line is also the line end of the next delimiter:
///   python-multipart takes that delimiter for content. By the grammar of RFC 2046 it is one
///   (`body-part := MIME-part-headers [CRLF *OCTET]`), and Go reads it so, too.
@Suite(
    .enabled(
        if: PythonMultipart.interpreter != nil,
        "set IMAGE_SERVICE_TEST_PYTHON to a Python with the packages of Tests/requirements.txt"
    )
)
struct DifferentialTests {
    private static let bodyCount = 4_000

    @Test func `python-multipart agrees but where we differ on purpose`() throws {
        let interpreter = try #require(PythonMultipart.interpreter)
        var generator = BodyGenerator(seed: 1)
        let bodies = (0..<Self.bodyCount).map { _ in generator.next() }
        let theirs = try PythonMultipart.outcomes(of: bodies, interpreter: interpreter)
        try #require(theirs.count == bodies.count)
        var accepted = 0
        var differing: Set<BodyGenerator.Feature> = []
        for (number, (body, other)) in zip(bodies, theirs).enumerated() {
            let ours = Outcome(of: try ours(body))
            if ours != .refused { accepted += 1 }
            guard ours != other else { continue }
            let text = String(decoding: body.bytes, as: UTF8.self).debugDescription
            let feature = try #require(body.feature, "body \(number): \(text)\n\(ours)\n\(other)")
            if feature != .partOfHeadersOnly {
                #expect(other == .refused, "body \(number): \(text)\n\(ours)\n\(other)")
            }
            differing.insert(feature)
        }
        // A difference that has gone is to be taken off the list above.
        #expect(differing == Set(BodyGenerator.Feature.allCases))
        #expect(accepted > Self.bodyCount / 2, "most bodies must be worth comparing")
    }

    private func ours(_ body: BodyGenerator.Body) throws -> Recording {
        let cut = stride(from: 0, to: body.bytes.count, by: body.pieceBytes).map {
            $0..<min(body.bytes.count, $0 + body.pieceBytes)
        }
        return Recording(of: body.bytes, cut: cut, boundary: try Forms.boundary())
    }
}
