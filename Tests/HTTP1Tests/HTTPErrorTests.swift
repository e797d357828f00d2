import HTTP1
import Testing

@Suite struct `HTTP error` {
    @Test(arguments: HTTPError.Reason.allCases)
    func `each has a stable code, a status and one sentence`(_ reason: HTTPError.Reason) {
        let error = HTTPError(reason, at: 7)
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789_")
        let isSnakeCase = error.code.allSatisfy { letters.contains($0) }
        #expect(isSnakeCase)
        #expect([400, 413, 414, 417, 431, 501, 505].contains(error.status.code))
        #expect(error.detail.hasSuffix(".") && error.detail.first?.isUppercase == true)
        #expect(!error.detail.contains(". "))
        #expect(error.description.hasPrefix("\(error.status.code) \(error.code) at byte 7: "))
    }

    @Test func `each status that we send has its registered phrase`() {
        #expect(Status.contentTooLarge.description == "413 Content Too Large")
        #expect(Status.insufficientStorage.reasonPhrase == "Insufficient Storage")
        #expect(Status(599).reasonPhrase.isEmpty)
    }
}
