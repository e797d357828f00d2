internal import Bytes
internal import Multipart
internal import UV

/// Turns the bytes of a form into the steps that receive its files.
///
/// Parts named `image_files` are files; all others are read and ignored.
final class MultipartReader {
    /// The name of the parts that are files.
    static let fieldName = "image_files"

    private enum Part {
        case none, ignored
        /// A file input that was left empty: browsers send it with an empty name and no bytes.
        case emptyInput
        case file(filename: String, sizeBytes: Int)
    }

    private let limits: UploadLimits
    private var parser: MultipartParser
    private var part = Part.none
    private(set) var fileCount = 0

    /// Begins at the start of a body.
    ///
    /// - Parameters:
    ///   - boundary: its boundary.
    ///   - limits: what it may have at most.
    init(boundary: Boundary, limits: UploadLimits) {
        self.limits = limits
        parser = MultipartParser(
            boundary: boundary,
            limits: MultipartLimits(
                partHeaderBytes: limits.partHeaderBytes,
                parts: limits.fileCount + Self.otherPartCountMax
            )
        )
    }

    /// Parts besides files that a form may have: what Go, Starlette and Django allow for fields.
    static let otherPartCountMax = 1_000

    /// Reads a part of the body.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - range: the bytes in it.
    ///   - piece: gets the steps.
    /// - Throws: what is wrong with the body.
    func read(
        _ buffer: Buffer,
        _ range: Range<Int>,
        into piece: inout UploadPiece
    ) throws(UploadProblem) {
        let input = buffer.span.extracting(0..<range.upperBound)
        var offset = range.lowerBound
        while true {
            let event: MultipartParser.Event
            do throws(MultipartError) {
                event = try parser.next(input, at: &offset)
            } catch {
                throw UploadProblem(problem: Problem(error))
            }
            switch event {
            case .needMoreData:
                return
            case .partBegan(let head):
                try begin(head, &piece)
            case .content(let range):
                if try count(range.count) { piece.add(.content(buffer, range)) }
            case .heldContent(let range):
                if try count(range.count) {
                    piece.add(.copied(Array(parser.delimiterBytes[range])))
                }
            case .partEnded:
                if case .file = part { piece.add(.end) }
                part = .none
            case .end:
                break
            }
        }
    }

    /// Notes the end of the body.
    ///
    /// - Throws: what is wrong with it.
    func finish() throws(UploadProblem) {
        do throws(MultipartError) {
            try parser.finish()
        } catch {
            throw UploadProblem(problem: Problem(error))
        }
        guard fileCount > 0 else { throw UploadProblem(problem: .noImageFiles) }
    }

    private func begin(_ head: PartHead, _ piece: inout UploadPiece) throws(UploadProblem) {
        guard head.name == Self.fieldName else {
            part = .ignored
            return
        }
        guard let filename = head.filename else {
            throw UploadProblem(problem: .filenameMissing)
        }
        guard !filename.isEmpty else {
            part = .emptyInput
            return
        }
        fileCount += 1
        guard fileCount <= limits.fileCount else {
            throw UploadProblem(problem: .tooManyFiles(limit: limits.fileCount))
        }
        part = .file(filename: filename, sizeBytes: 0)
        piece.add(.begin(filename: filename))
    }

    /// Counts bytes of a file.
    ///
    /// - Returns: false for a part that is no file.
    private func count(_ byteCount: Int) throws(UploadProblem) -> Bool {
        if case .emptyInput = part { throw UploadProblem(problem: .filenameMissing) }
        guard case .file(let filename, let sizeBytes) = part else { return false }
        guard byteCount <= limits.fileBytes.bytes - sizeBytes else {
            throw UploadProblem(
                problem: .fileTooLarge(filename: filename, limitBytes: limits.fileBytes.bytes)
            )
        }
        part = .file(filename: filename, sizeBytes: sizeBytes + byteCount)
        return true
    }
}
