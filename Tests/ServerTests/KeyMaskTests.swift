internal import Bytes
@testable internal import Server
internal import Testing

@Suite struct KeyMaskTests {
    private static let keys = APIKeys([
        Array("s3cret/key".utf8), Array("another-key-1".utf8), Array("odd%2Fkey".utf8),
    ])

    private func shown(
        method: String = "GET",
        path: String = "/x",
        status: UInt16 = 404,
        requestID: String = "id"
    ) -> [String] {
        var record = AccessLog.Record(
            time: .now,
            client: Array("192.0.2.7".utf8),
            method: Array(method.utf8),
            path: Array(path.utf8),
            status: status,
            bytesSent: 0,
            durationMicroseconds: 0,
            requestID: Array(requestID.utf8)
        )
        record.hideKeys(Self.keys)
        return [record.method, record.path, record.requestID].map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(
        arguments: [
            "/s3cret/key", "/api/s3cret/key/x", "/api/images/another-key-1", "another-key-1",
            "/s3cret%2Fkey", "/%733cret%2fkey", "/api/%61nother-key-1%", "/%4/another-key-1",
            "/odd%2Fkey", "/odd%252Fkey",
        ]
    )
    func `a path that holds a key is not shown`(_ path: String) {
        #expect(shown(path: path) == ["GET", "***", "id"])
        #expect(shown(method: "OPTIONS", path: path, status: 204)[1] == "***")
    }

    @Test func `a key far behind what is shown of a path is not looked for`() {
        let shownBytes = AccessLog.pathBytesMax
        let end = "/another-key-1"
        let visible = String(repeating: "x", count: shownBytes) + end
        #expect(shown(path: visible)[1] == "***")
        let hidden = String(repeating: "x", count: shownBytes + 3 * APIKeys.keyBytesMax) + end
        #expect(shown(path: hidden)[1] == hidden)
    }

    @Test(arguments: ["/s3cret/ke", "/3cret/key", "/another-key-", "/", "/api/%", "/S3CRET/KEY"])
    func `a path that holds none stays as it is`(_ path: String) {
        #expect(shown(path: path) == ["GET", path, "id"])
    }

    @Test func `neither is a request's name or a method that holds a key`() {
        #expect(shown(requestID: "my-s3cret/key-7") == ["GET", "/x", "***"])
        #expect(shown(method: "another-key-1") == ["***", "/x", "id"])
    }
}
