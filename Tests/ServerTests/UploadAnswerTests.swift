internal import Bytes
@testable internal import Server
internal import Testing

@Suite struct UploadAnswerTests {
    /// An id for each letter.
    private func id(_ letter: Character) -> BlobID {
        BlobID(digest: [UInt8](repeating: letter.asciiValue ?? 0, count: 32).span)
    }

    /// Files written as `name=letter`, the answer likewise.
    private func keys(_ files: String...) -> [String] {
        let files = files.map { file in
            (filename: String(file.dropLast(2)), id: id(file.last ?? "?"))
        }
        let letters = Dictionary(uniqueKeysWithValues: "abcdef".map { (id($0), $0) })
        return UploadAnswer.members(for: files).map { "\($0.key)=\(letters[$0.id] ?? "?")" }
    }

    @Test func `each file is answered under its name, in the order sent`() {
        #expect(keys("z=a", "a=b", "m=c") == ["z=a", "a=b", "m=c"])
        #expect(keys() == [])
    }

    @Test func `other bytes of the same name get a number, so that none is lost`() {
        #expect(keys("foo=a", "foo=b", "foo=c") == ["foo=a", "foo (2)=b", "foo (3)=c"])
    }

    @Test func `the same bytes under the same name are one member, wherever they come again`() {
        #expect(keys("foo=a", "foo=a") == ["foo=a"])
        #expect(keys("foo=a", "foo=b", "foo=a", "foo=b") == ["foo=a", "foo (2)=b"])
    }

    @Test func `the same bytes under two names are two members`() {
        #expect(keys("foo=a", "bar=a") == ["foo=a", "bar=a"])
    }

    @Test func `a file that is really named like a numbered one loses nothing`() {
        #expect(
            keys("foo=a", "foo=b", "foo (2)=c") == ["foo=a", "foo (2)=b", "foo (2) (2)=c"]
        )
        #expect(
            keys("foo (2)=c", "foo=a", "foo=b") == ["foo (2)=c", "foo=a", "foo (3)=b"]
        )
        #expect(keys("foo (2)=b", "foo=a", "foo=b") == ["foo (2)=b", "foo=a"])
        #expect(
            keys("foo=a", "foo=b", "foo (2)=b", "foo=c") == ["foo=a", "foo (2)=b", "foo (3)=c"]
        )
    }

    @Test func `names that differ only in their Unicode form are told apart or kept together`() {
        // Swift compares by canonical equivalence; either way no key comes twice in the JSON.
        let members = UploadAnswer.members(for: [
            (filename: "caf\u{E9}", id: id("a")), (filename: "cafe\u{301}", id: id("b")),
        ])
        #expect(Set(members.map { Array($0.key.utf8) }).count == 2)
    }

    @Test func `a thousand files of one name take no thousand times as long`() {
        // Quadratic work would be fifty million lookups, minutes on a loop that serves others.
        let count = 10_000
        let files = (0..<count).map { number -> (filename: String, id: BlobID) in
            var digest: [UInt8] = []
            for _ in 0..<4 { digest.appendBigEndian(UInt64(number)) }
            return ("photo.jpg", BlobID(digest: digest.span))
        }
        let started = ContinuousClock.now
        let members = UploadAnswer.members(for: files)
        let elapsed = started.duration(to: .now)
        #expect(members.last?.key == "photo.jpg (\(count))")
        #expect(elapsed < .seconds(5))
    }
}
