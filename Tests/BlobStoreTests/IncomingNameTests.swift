@testable import BlobStore
import Testing

@Suite struct IncomingNameTests {
    @Test func `names of uploads are recognized and never the same`() {
        let name = IncomingName()
        #expect(IncomingName(name.text) == name)
        #expect(IncomingName() != name)
        let layout = BlobLayout(dataDirectory: "/data")
        #expect(layout.path(of: name) == "/data/incoming/" + name.text)
    }

    @Test func `counted names are recognized, in order, and never the same`() {
        let names = IncomingNames()
        let made = (0..<1_000).map { _ in names.next() }
        #expect(Set(made).count == made.count)
        #expect(made.allSatisfy { IncomingName($0.text) == $0 })
        #expect(made.map(\.text).sorted() == made.map(\.text))
    }

    @Test func `two runs of the server do not give the same names`() {
        #expect(IncomingNames().next() != IncomingNames().next())
    }

    @Test(
        arguments: [
            "", "upload-", "upload-0123456789abcdef0123456789abcde",
            "upload-0123456789abcdef0123456789abcdef0", "Upload-0123456789abcdef0123456789abcdef",
            "upload-0123456789ABCDEF0123456789abcdef", "upload-0123456789abcdef0123456789abcde/",
            "xupload-0123456789abcdef0123456789abcde", "../../0123456789abcdef0123456789abcdef",
        ]
    )
    func `other names are not uploads`(_ text: String) {
        #expect(IncomingName(text) == nil)
    }
}
