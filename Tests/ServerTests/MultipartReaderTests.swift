internal import Bytes
internal import Multipart
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct MultipartReaderTests {
    /// A file as the reader's steps give it.
    private struct File: Equatable {
        var name: String
        var content: [UInt8] = []
        var isComplete = false
    }

    private static let limits = UploadLimits(
        fileBytes: ByteCount(100_000),
        requestBytes: ByteCount(1_000_000),
        fileCount: 3,
        partHeaderBytes: ByteCount(300)
    )

    /// Reads a body in pieces, each in a buffer of its own.
    ///
    /// - Returns: the files, or the word of the problem.
    private func read(
        _ body: [UInt8],
        cut: [Range<Int>],
        limits: UploadLimits = limits
    ) throws -> Result<[File], UploadProblem> {
        let boundary = try Boundary(parameterValue: Form.boundary)
        let reader = MultipartReader(boundary: boundary, limits: limits)
        var files: [File] = []
        do throws(UploadProblem) {
            for range in cut {
                // Bytes before the range are somebody else's.
                let buffer = Buffer(copying: [0x2D] + body[range])
                var piece = UploadPiece()
                try reader.read(buffer, 1..<1 + range.count, into: &piece)
                for step in piece.steps { take(step, &files) }
            }
            try reader.finish()
        } catch {
            return .failure(error)
        }
        return .success(files)
    }

    private func take(_ step: UploadPiece.Step, _ files: inout [File]) {
        let last = files.count - 1
        switch step {
        case .begin(let filename): files.append(File(name: filename))
        case .content(let buffer, let range):
            files[last].content.append(buffer.span.extracting(range))
        case .copied(let bytes): files[last].content += bytes
        case .end: files[last].isComplete = true
        }
    }

    private func code(
        _ body: [UInt8],
        limits: UploadLimits = limits
    ) throws -> String {
        var codes: Set<String> = []
        for chunking in [Chunking.whole, .byteByByte, .seededRandom] {
            for cut in chunking.cuts(of: body.count) {
                switch try read(body, cut: cut, limits: limits) {
                case .success(let files): codes.insert("\(files.count) files")
                case .failure(let error): codes.insert(error.problem.code.rawValue)
                }
            }
        }
        // However it is cut, it is the same.
        return codes.sorted().joined(separator: " or ")
    }

    @Test(arguments: Chunking.allCases)
    func `the files of a form come out whole however its bytes arrive`(chunking: Chunking) throws {
        // Content that looks like a delimiter until its last byte.
        let tricky = Array("\r\n--\(Form.boundary.dropLast())\r\n--\r\n\r\n--a-bound".utf8)
        var form = Form(files: [("a.gif", tricky)])
        form.add(#"form-data; name="comment""#, Array("not a file".utf8))
        form.add(#"form-data; name="other"; filename="x.gif""#, tricky)
        form.add(file: "b.gif", [])
        form.add(file: "ü \\ ..%2F.gif", Picture.gif(sizeBytes: 200))
        let expected = [
            File(name: "a.gif", content: tricky, isComplete: true),
            File(name: "b.gif", isComplete: true),
            File(name: "ü \\ ..%2F.gif", content: Picture.gif(sizeBytes: 200), isComplete: true),
        ]
        for cut in chunking.cuts(of: form.whole.count) {
            #expect(try read(form.whole, cut: cut).get() == expected)
        }
    }

    @Test func `a form without a file is refused`() throws {
        var form = Form()
        form.add(#"form-data; name="image_file"; filename="a.gif""#, Picture.gif())
        #expect(try code(form.whole) == "no_image_files")
        #expect(try code(Form().whole) == "no_image_files")
    }

    @Test(
        arguments: [
            #"form-data; name="image_files""#, #"form-data; name="image_files"; filename="""#,
        ]
    )
    func `a file without a name is refused`(disposition: String) throws {
        var form = Form(files: [("a.gif", Picture.gif())])
        form.add(disposition, Picture.gif())
        #expect(try code(form.whole) == "filename_missing")
    }

    @Test func `a body that breaks off or is no form is refused`() throws {
        let form = Form(files: [("a.gif", Picture.gif())])
        #expect(try code(form.bytes) == "invalid_multipart")
        #expect(try code(Array("hello".utf8)) == "invalid_multipart")
        #expect(try code([]) == "invalid_multipart")
    }

    @Test func `as many files as the limit are taken, and not one more`() throws {
        var form = Form()
        for _ in 0..<Self.limits.fileCount { form.add(file: "a.gif", Picture.gif()) }
        #expect(try code(form.whole) == "3 files")
        form.add(file: "a.gif", Picture.gif())
        #expect(try code(form.whole) == "too_many_files")
    }

    @Test func `a file may have as many bytes as the limit, and not one more`() throws {
        var limits = Self.limits
        limits.fileBytes = ByteCount(64)
        for (sizeBytes, expected) in [(64, "2 files"), (65, "file_too_large")] {
            // The limit is each file's own.
            let form = Form(files: [
                ("a.gif", Picture.gif(sizeBytes: 64)), ("b.gif", Picture.gif(sizeBytes: sizeBytes)),
            ])
            #expect(try code(form.whole, limits: limits) == expected)
        }
    }

    @Test func `other parts do not count as files, and are no way around the limits`() throws {
        var limits = Self.limits
        limits.fileBytes = ByteCount(64)
        var form = Form(files: [("a.gif", Picture.gif(sizeBytes: 64))])
        form.add(#"form-data; name="x""#, [UInt8](repeating: 1, count: 1_000))
        #expect(try code(form.whole, limits: limits) == "1 files")
    }

    @Test func `as many other parts as the limit are read, and not one more`() throws {
        for (count, expected) in [(0, "1 files"), (1, "too_many_files")] {
            var form = Form(files: [("a.gif", Picture.gif())])
            let others = MultipartReader.otherPartCountMax + Self.limits.fileCount - 1 + count
            for _ in 0..<others { form.add(#"form-data; name="x""#, []) }
            let whole = [0..<form.whole.count]
            switch try read(form.whole, cut: whole) {
            case .success(let files): #expect("\(files.count) files" == expected)
            case .failure(let error): #expect(error.problem.code.rawValue == expected)
            }
        }
    }

    @Test func `a part's header may have as many bytes as the limit, and not one more`() throws {
        let fixed = "Content-Disposition: form-data; name=\"image_files\"; filename=\"\"\r\n\r\n"
        for (extra, expected) in [(0, "1 files"), (1, "head_too_large")] {
            let length = Self.limits.partHeaderBytes.bytes - fixed.utf8.count + extra
            let form = Form(files: [(String(repeating: "n", count: length), Picture.gif())])
            #expect(try code(form.whole) == expected)
        }
    }
}
