internal import Bytes

/// Reads the header section of one part, line by line.
///
///     MIME-part-headers := entity-headers                           (RFC 2046 §5.1.1)
///
/// Lines end in CR LF and a field is one line. Folded fields are refused: HTTP has given them up
/// (RFC 9112 §5.2), no client writes them in forms, and the readers that know them disagree about
/// what they mean. The bytes of a line are kept until it is complete, because a cut may come
/// anywhere; a line is judged only then, so that the verdict does not depend on cuts.
struct PartHeadParser {
    private let limits: MultipartLimits
    private var line: [UInt8] = []
    /// Where in the body the line begins, and how many bytes of the section came before it.
    private var lineOffset = 0
    private var sectionBytes = 0
    private var fieldCount = 0
    private var disposition: ContentDisposition?
    private var contentType: String?
    private var hasTransferEncoding = false

    /// Makes a parser that waits for its first section.
    ///
    /// - Parameter limits: how large a section may get.
    init(limits: MultipartLimits) { self.limits = limits }

    /// Begins a section.
    ///
    /// - Parameter offsetBytes: where in the body it begins.
    mutating func begin(at offsetBytes: Int) {
        lineOffset = offsetBytes
        sectionBytes = 0
        fieldCount = 0
        disposition = nil
        contentType = nil
        hasTransferEncoding = false
        line.removeAll(keepingCapacity: true)
    }

    /// Takes bytes up to the end of the section.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand.
    ///   - offset: where to go on, and afterwards behind the last byte taken.
    /// - Returns: the head, or `nil` when the section goes on beyond the input.
    /// - Throws: `MultipartError` (400 or 431) for the first thing that is wrong in the section.
    mutating func next(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(MultipartError) -> PartHead? {
        while offset < input.count {
            let lineFeed = input.firstIndex(of: Grammar.lf, from: offset)
            let end = lineFeed.map { $0 + 1 } ?? input.count
            let limitBytes = limits.partHeaderBytes.bytes
            guard sectionBytes + line.count + (end - offset) <= limitBytes else {
                let offsetBytes = lineOffset - sectionBytes + limitBytes
                throw .partHeaderTooLarge(offsetBytes: offsetBytes, limitBytes: limitBytes)
            }
            line.append(input.extracting(offset..<end))
            offset = end
            guard lineFeed != nil else { return nil }
            if try endLine() { return try finish() }
        }
        return nil
    }

    /// Judges a whole line; true when it is the empty one that ends the section.
    private mutating func endLine() throws(MultipartError) -> Bool {
        let count = line.count - 2
        guard count >= 0, line[count] == Grammar.cr else {
            throw .bareLineFeed(offsetBytes: lineOffset + line.count - 1)
        }
        if count > 0 {
            fieldCount += 1
            guard fieldCount <= limits.fieldsPerPart else {
                throw .tooManyFields(offsetBytes: lineOffset, limit: limits.fieldsPerPart)
            }
            try readField(line[..<count])
        }
        sectionBytes += line.count
        lineOffset += line.count
        line.removeAll(keepingCapacity: true)
        return count == 0
    }

    /// Reads one field.
    ///
    ///     field-line = field-name ":" OWS field-value OWS           (RFC 9112 §5)
    private mutating func readField(_ field: ArraySlice<UInt8>) throws(MultipartError) {
        if let index = field.firstIndex(where: { !Grammar.isFieldValueByte($0) }) {
            throw .controlCharacter(offsetBytes: lineOffset + index)
        }
        guard !Grammar.isWhitespace(field[0]) else {
            throw .obsoleteLineFolding(offsetBytes: lineOffset)
        }
        // White space before the colon falls out of the token too: RFC 9112 §5.1 has it refused.
        let colon = field.firstIndex { !Grammar.isTokenCharacter($0) } ?? field.endIndex
        guard colon > 0, colon < field.endIndex, field[colon] == Grammar.colon else {
            throw .malformedField(offsetBytes: lineOffset + colon)
        }
        var value = field[(colon + 1)...].drop(while: Grammar.isWhitespace)
        while let last = value.last, Grammar.isWhitespace(last) { value.removeLast() }
        try take(name: field[..<colon], value: value)
    }

    /// Keeps what a field says, when it is one of the three that RFC 7578 §4.8 knows.
    private mutating func take(
        name: ArraySlice<UInt8>,
        value: ArraySlice<UInt8>
    ) throws(MultipartError) {
        if Grammar.equalsIgnoringCase(name, "content-disposition") {
            guard disposition == nil else { throw .duplicateField(offsetBytes: lineOffset) }
            disposition = try ContentDisposition(value, lineOffsetBytes: lineOffset)
        } else if Grammar.equalsIgnoringCase(name, "content-type") {
            guard contentType == nil else { throw .duplicateField(offsetBytes: lineOffset) }
            contentType = String(decoding: value, as: UTF8.self)
        } else if Grammar.equalsIgnoringCase(name, "content-transfer-encoding") {
            guard !hasTransferEncoding else { throw .duplicateField(offsetBytes: lineOffset) }
            guard Self.isIdentity(value) else {
                throw .unsupportedTransferEncoding(offsetBytes: lineOffset + value.startIndex)
            }
            hasTransferEncoding = true
        }
    }

    /// Tells whether a transfer encoding leaves the bytes alone.
    ///
    /// RFC 7578 §4.7 deprecates the field. To ignore `base64` would be to store, under its hash,
    /// what the sender never meant; no form client sends it, so that decoding it would be for
    /// nobody.
    private static func isIdentity(_ value: ArraySlice<UInt8>) -> Bool {
        Grammar.equalsIgnoringCase(value, "binary") || Grammar.equalsIgnoringCase(value, "8bit")
            || Grammar.equalsIgnoringCase(value, "7bit")
    }

    private func finish() throws(MultipartError) -> PartHead {
        guard let disposition else { throw .missingContentDisposition(offsetBytes: lineOffset) }
        return PartHead(
            name: disposition.name,
            filename: disposition.filename,
            contentType: contentType
        )
    }
}
