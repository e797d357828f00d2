@testable import Multipart
import Bytes
import Testing

@Suite struct PartHeadParserTests {
    @Test func `a second section begins with nothing of the first`() throws {
        var parser = PartHeadParser(limits: MultipartLimits())
        let first = Forms.bytes(
            "Content-Disposition: form-data; name=a\r\nContent-Type: b/c\r\n\r\n"
        )
        let second = Forms.bytes("Content-Disposition: form-data\r\n\r\n")
        parser.begin(at: 0)
        var offset = 0
        #expect(try parser.next(first.span, at: &offset) == PartHead(name: "a", contentType: "b/c"))
        parser.begin(at: first.count)
        offset = 0
        #expect(try parser.next(second.span, at: &offset) == PartHead())
    }

    @Test func `bytes behind the empty line are left for the content`() throws {
        var parser = PartHeadParser(limits: MultipartLimits())
        parser.begin(at: 0)
        let section = Forms.bytes("Content-Disposition: form-data\r\n\r\n")
        var offset = 0
        let head = try parser.next((section + section).span, at: &offset)
        #expect(head == PartHead())
        #expect(offset == section.count)
    }
}
