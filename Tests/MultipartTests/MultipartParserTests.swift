import Multipart
import TestSupport
import Testing

@Suite struct MultipartParserTests {
    @Test(arguments: try CaseFile.allNames(), Chunking.allCases)
    func `a case gives its events however it is cut`(name: String, chunking: Chunking) throws {
        let file = try CaseFile(named: name)
        for cut in chunking.cuts(of: file.body.count) {
            let recording = Recording(of: file.body, cut: cut, boundary: file.boundary)
            try #require(recording.description == file.events, "cut \(cut)")
        }
    }

    @Test func `an error is thrown again by every later call`() throws {
        var parser = MultipartParser(boundary: try Forms.boundary())
        let bad = Forms.bytes("--XX\r\n\n")
        let error = MultipartError.bareLineFeed(offsetBytes: 6)
        var offset = 0
        // Closures cannot borrow a noncopyable parser, hence no `#expect(throws:)`.
        for bytes in [bad, Forms.closeDelimiter, []] {
            do throws(MultipartError) {
                let event = try parser.next(bytes.span, at: &offset)
                Issue.record("\(event) after an error")
            } catch {
                #expect(error == .bareLineFeed(offsetBytes: 6))
            }
            offset = 0
        }
        do throws(MultipartError) {
            try parser.finish()
            Issue.record("finished after an error")
        } catch let thrown {
            #expect(thrown == error)
        }
    }

    @Test func `a body that ended early stays ended`() throws {
        var parser = MultipartParser(boundary: try Forms.boundary())
        for _ in 0..<2 {
            do throws(MultipartError) {
                try parser.finish()
                Issue.record("finished without a close delimiter")
            } catch {
                #expect(error == .endsEarly(offsetBytes: 0))
            }
        }
    }

    @Test func `a body may finish before its end was asked for`() throws {
        var parser = MultipartParser(boundary: try Forms.boundary())
        var offset = 0
        let body = Forms.partOpening + Forms.closeDelimiter
        let began = try parser.next(body.span, at: &offset)
        #expect(began == .partBegan(PartHead(name: "a")))
        let ended = try parser.next(body.span, at: &offset)
        #expect(ended == .partEnded)
        try parser.finish()
    }

    @Test func `no input is no event, and harmless between any two bytes`() throws {
        let body = Forms.partOpening + Forms.bytes("x") + Forms.closeDelimiter
        let cut = body.indices.flatMap { [$0..<$0, $0..<$0 + 1] }
        let recording = Recording(of: body, cut: cut, boundary: try Forms.boundary())
        #expect(recording == (try Forms.recording(of: body)))
    }
}
