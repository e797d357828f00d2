internal import BlobStore
internal import Bytes
internal import ImageFormat
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct UploadFilesTests {
    private func store() -> MemoryBlobStore { MemoryBlobStore(capacityBytes: 64 << 20) { 0 } }

    /// Steps for one file, in pieces of some size.
    private func pieces(_ name: String, _ content: [UInt8], pieceBytes: Int) -> [UploadPiece] {
        var first = UploadPiece()
        first.add(.begin(filename: name))
        var pieces = [first]
        var start = 0
        while start < content.count {
            let end = min(start + pieceBytes, content.count)
            var piece = UploadPiece()
            // Both ways in which bytes come.
            if start % 2 == 0 {
                let buffer = Buffer(copying: [0] + content[start..<end])
                piece.add(.content(buffer, 1..<1 + end - start))
            } else {
                piece.add(.copied(Array(content[start..<end])))
            }
            pieces.append(piece)
            start = end
        }
        var last = UploadPiece()
        last.add(.end)
        return pieces + [last]
    }

    @Test(arguments: [1, 7, 4_096, 100_000])
    func `an image is received whole however its bytes come`(pieceBytes: Int) throws {
        let files = UploadFiles(store: store())
        let content = Picture.gif(sizeBytes: 50_001)
        for piece in pieces("a.gif", content, pieceBytes: pieceBytes) {
            #expect(try files.process(piece).get() == 0)
        }
        let outcome = files.outcome
        #expect(outcome.refused.count == 0)
        #expect(outcome.received.count == 1)
        let file = try #require(outcome.received.first)
        #expect(file.filename == "a.gif")
        #expect(file.sizeBytes == 50_001)
        #expect(file.description.kind == .gif)
        #expect(file.description.width == 2 && file.description.height == 3)
        var read = [UInt8](repeating: 0, count: 50_001)
        var span = read.mutableSpan
        let count = try file.blob.read(into: &span, at: 0)
        #expect(count == 50_001)
        #expect(read == content)
        files.discard()
    }

    @Test func `what is no image is refused as soon as enough of it has come`() throws {
        let files = UploadFiles(store: store())
        let content = [UInt8](repeating: 7, count: 100_000)
        var refusedAfterBytes: Int?
        for (number, piece) in pieces("a.txt", content, pieceBytes: 1_000).enumerated() {
            if try files.process(piece).get() > 0, refusedAfterBytes == nil {
                refusedAfterBytes = number * 1_000
            }
        }
        // The first look comes at 16 KiB.
        #expect(refusedAfterBytes == 17_000)
        let outcome = files.outcome
        #expect(outcome.received.count == 0)
        #expect(outcome.refused.map(\.filename) == ["a.txt"])
        #expect(outcome.refused.map(\.kind) == [.unsupportedFormat])
        files.discard()
    }

    @Test func `each file that is refused says why, and the good ones are still received`() throws {
        let files = UploadFiles(store: store())
        let cases: [(String, [UInt8])] = [
            ("a.gif", Picture.gif()), ("empty.gif", []),
            ("text", Array("hello, this is text and nothing else".utf8)),
            ("cut.gif", Array(Picture.gif().prefix(9))), ("b.gif", Picture.gif()),
        ]
        for (name, content) in cases {
            for piece in pieces(name, content, pieceBytes: 5) { _ = try files.process(piece).get() }
        }
        let outcome = files.outcome
        #expect(outcome.received.map(\.filename) == ["a.gif", "b.gif"])
        #expect(outcome.refused.map(\.filename) == ["empty.gif", "text", "cut.gif"])
        #expect(outcome.refused.map(\.kind) == [.empty, .unsupportedFormat, .invalidHeader])
        #expect(outcome.refused.allSatisfy { $0.reason.hasSuffix(".") })
        files.discard()
        #expect(files.outcome.received.count == 0)
    }

    @Test func `a file that is refused while it arrives counts before its end`() throws {
        let files = UploadFiles(store: store())
        var piece = UploadPiece()
        piece.add(.begin(filename: "a"))
        piece.add(.copied([UInt8](repeating: 7, count: 20_000)))
        #expect(try files.process(piece).get() == 1)
        #expect(files.outcome.refused.map(\.filename) == ["a"])
        files.discard()
    }

    @Test func `an error of the store is told, again and again, and nothing is left`() throws {
        let disk = MemoryFileSystem()
        try disk.makeDirectory("/data", permissions: 0o700)
        let store = try FileBlobStore(dataDirectory: "/data", fileSystem: disk) { _ in }
        let files = UploadFiles(store: store)
        let all = pieces("a.gif", Picture.gif(sizeBytes: 50_000), pieceBytes: 10_000)
        #expect(try files.process(all[0]).get() == 0)
        #expect(try files.process(all[1]).get() == 0)
        disk.fail(.kinds([.write]), with: .noSpace)
        for _ in 0..<2 {
            guard case .failure(let error) = files.process(all[2]) else {
                Issue.record("the disk was full")
                break
            }
            #expect(error.code == .noSpace)
        }
        disk.fail(nil)
        // It does not go on as if nothing had happened, which would leave a hole.
        guard case .failure = files.process(all[3]) else {
            Issue.record("a file with a hole went on")
            return
        }
        files.discard()
        store.close()
        #expect(disk.openFileCount == 0)
        #expect(try disk.list("/data/incoming") == [])
    }

    @Test func `pieces that wait when the client has left are not written`() throws {
        let store = store()
        let files = UploadFiles(store: store)
        let waiting = pieces("a.gif", Picture.gif(sizeBytes: 50_001), pieceBytes: 10_000)
        for piece in waiting.prefix(3) { #expect(try files.process(piece).get() == 0) }
        files.abandon()
        for piece in waiting.dropFirst(3) { #expect(try files.process(piece).get() == 0) }
        #expect(files.outcome.received.isEmpty)
        files.discard()
    }

    @Test func `files that are dropped without a word leave nothing`() throws {
        let disk = MemoryFileSystem()
        try disk.makeDirectory("/data", permissions: 0o700)
        let store = try FileBlobStore(dataDirectory: "/data", fileSystem: disk) { _ in }
        do {
            let files = UploadFiles(store: store)
            let all = pieces("a.gif", Picture.gif(sizeBytes: 50_000), pieceBytes: 10_000)
            for piece in all + all.dropLast() { _ = try files.process(piece).get() }
            #expect(try disk.list("/data/incoming").count == 2)
        }
        store.close()
        #expect(disk.openFileCount == 0)
        #expect(try disk.list("/data/incoming") == [])
    }
}
