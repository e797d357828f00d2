/// The `Content-Disposition` of one part: what RFC 7578 §4.2 lets it say.
///
///     content-disposition = "form-data" *( OWS ";" OWS [ parameter ] )
///     parameter           = token "=" ( token / quoted-string )     (RFC 9110 §5.6.6)
///     ext-parameter       = token "*" "=" ext-value                 (RFC 8187 §3.2.1)
///
/// Empty parameters are let through as RFC 9110 has them. Unknown ones are ignored, and with them
/// the numbered continuations of RFC 2231, which RFC 7578 does not know.
struct ContentDisposition: Equatable {
    private(set) var name: String?
    private var plainFilename: String?
    private var extendedFilename: ExtendedFilename = .absent

    /// `filename*` wins over `filename` (RFC 6266 §4.3), unless it does not decode.
    var filename: String? {
        switch extendedFilename {
        case .decoded(let filename): filename
        case .absent, .undecodable: plainFilename
        }
    }

    private enum ExtendedFilename: Equatable {
        case absent
        case undecodable
        case decoded(String)
    }

    /// Reads the value of the field.
    ///
    /// - Parameters:
    ///   - value: the value, a slice of its line, without control characters.
    ///   - lineOffsetBytes: where in the body the line begins, for errors.
    /// - Throws: `MultipartError` (400) `.notFormData`, `.malformedContentDisposition`,
    ///   `.duplicateParameter` or `.invalidUTF8`.
    init(_ value: ArraySlice<UInt8>, lineOffsetBytes: Int) throws(MultipartError) {
        var reader = ParameterReader(value)
        guard Grammar.equalsIgnoringCase(reader.readToken(), "form-data") else {
            throw .notFormData(offsetBytes: lineOffsetBytes + value.startIndex)
        }
        while !reader.isAtEnd {
            guard reader.skipSeparator() else {
                throw .malformedContentDisposition(offsetBytes: lineOffsetBytes + reader.index)
            }
            guard !reader.isAtEnd, !reader.isAtSeparator else { continue }
            let start = lineOffsetBytes + reader.index
            guard let parameter = reader.readParameter() else {
                throw .malformedContentDisposition(offsetBytes: lineOffsetBytes + reader.index)
            }
            try take(parameter, offsetBytes: start)
        }
    }

    private mutating func take(
        _ parameter: ParameterReader.Parameter,
        offsetBytes: Int
    ) throws(MultipartError) {
        if Grammar.equalsIgnoringCase(parameter.name, "name") {
            guard name == nil else { throw .duplicateParameter(offsetBytes: offsetBytes) }
            name = try Self.text(parameter.value, offsetBytes: offsetBytes)
        } else if Grammar.equalsIgnoringCase(parameter.name, "filename") {
            guard plainFilename == nil else { throw .duplicateParameter(offsetBytes: offsetBytes) }
            plainFilename = try Self.text(parameter.value, offsetBytes: offsetBytes)
        } else if Grammar.equalsIgnoringCase(parameter.name, "filename*") {
            guard extendedFilename == .absent else {
                throw .duplicateParameter(offsetBytes: offsetBytes)
            }
            let decoded = ExtendedValue.decode(parameter.rawValue)
            extendedFilename = decoded.map(ExtendedFilename.decoded) ?? .undecodable
        }
    }

    /// Reads a name, which RFC 7578 §5.1 has in UTF-8.
    ///
    /// Others are refused and not repaired: the sender is to find its files under the very names
    /// that it sent.
    private static func text(
        _ bytes: [UInt8],
        offsetBytes: Int
    ) throws(MultipartError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidUTF8(offsetBytes: offsetBytes)
        }
        return text
    }
}
