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
}
