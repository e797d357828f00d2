import BlobStore
import Bytes
import Testing

@Suite struct BlobLayoutTests {
    private let layout = BlobLayout(dataDirectory: "/data")
    private let hex = "ab" + String(repeating: "0", count: 61) + "f"

    @Test func `a blob stands in the directory of its first byte`() throws {
        let id = try #require(BlobID(hex: hex))
        #expect(layout.path(of: id) == "/data/blobs/ab/" + hex)
        #expect(layout.directory(0) == "/data/blobs/00")
        #expect(layout.incomingDirectory == "/data/incoming")
    }

    @Test func `a name in another blob's directory is no blob`() throws {
        #expect(layout.id(of: hex, inDirectory: 0xAB) == BlobID(hex: hex))
        #expect(layout.id(of: hex, inDirectory: 0xAC) == nil)
        #expect(layout.id(of: hex.uppercased(), inDirectory: 0xAB) == nil)
        #expect(layout.id(of: hex + ".part", inDirectory: 0xAB) == nil)
    }

    @Test func `names of uploads are recognized and never the same`() {
        let name = IncomingName()
        #expect(IncomingName(name.text) == name)
        #expect(IncomingName() != name)
        #expect(layout.path(of: name) == "/data/incoming/" + name.text)
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
