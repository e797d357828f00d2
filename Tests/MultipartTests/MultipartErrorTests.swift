import Multipart
import Testing

@Suite struct MultipartErrorTests {
    /// One of each case, in the order of the declaration.
    static let all: [MultipartError] = [
        .missingBoundary, .invalidBoundary,
        .preambleTooLong(offsetBytes: 7, limitBytes: 5),
        .transportPaddingTooLong(offsetBytes: 7, limitBytes: 5),
        .tooManyParts(offsetBytes: 7, limit: 5),
        .partHeaderTooLarge(offsetBytes: 7, limitBytes: 5),
        .tooManyFields(offsetBytes: 7, limit: 5),
        .bareLineFeed(offsetBytes: 7), .controlCharacter(offsetBytes: 7),
        .obsoleteLineFolding(offsetBytes: 7), .malformedField(offsetBytes: 7),
        .duplicateField(offsetBytes: 7), .missingContentDisposition(offsetBytes: 7),
        .notFormData(offsetBytes: 7), .malformedContentDisposition(offsetBytes: 7),
        .duplicateParameter(offsetBytes: 7), .invalidUTF8(offsetBytes: 7),
        .unsupportedTransferEncoding(offsetBytes: 7), .endsEarly(offsetBytes: 7),
    ]

    @Test func `codes are snake case and tell the errors apart`() {
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789_")
        #expect(Set(Self.all.map(\.code)).count == Self.all.count)
        for error in Self.all {
            #expect(error.code.allSatisfy(letters.contains), "\(error.code)")
        }
    }

    @Test(arguments: all)
    func `the detail is one sentence that names offset and limit`(error: MultipartError) {
        #expect(error.detail.hasSuffix(".") && !error.detail.contains(". "))
        #expect(
            error.detail.contains("7") == (error.offsetBytes != nil) || error.offsetBytes == nil
        )
        let isLimit = [413, 431].contains(error.status)
        #expect(!isLimit || error.detail.contains("5"))
        #expect(error.description == "\(error.code): \(error.detail)")
    }

    @Test func `only a content type's error is nowhere in the body`() {
        #expect(Self.all.filter { $0.offsetBytes == nil } == [.missingBoundary, .invalidBoundary])
    }

    @Test func `too much is 413 or 431 and all else is 400`() {
        let tooMuch = Self.all.filter { $0.status != 400 }.map { "\($0.status) \($0.code)" }
        #expect(
            tooMuch == [
                "413 multipart_preamble_too_long", "413 too_many_parts",
                "431 part_header_too_large", "431 part_header_too_many_fields",
            ]
        )
    }
}
