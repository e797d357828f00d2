internal import Bytes

/// How the end of a request's body is found (RFC 9112 §6.3).
package enum BodyFraming: Hashable, Sendable {
    /// There is no body.
    case none
    /// So many bytes, at most `Int64.max`.
    case contentLength(UInt64)
    /// Chunks, the last of them empty.
    case chunked
}

extension BodyFraming {
    /// Decides how the body of a request is framed.
    ///
    /// Follows RFC 9112 §6.3; the rules for responses are left out. Wherever the RFC lets a server
    /// choose between repairing and refusing, this refuses: two readers of one connection that
    /// disagree about where a request ends are what request smuggling is made of (§11.2).
    ///
    /// - Parameters:
    ///   - fields: the header fields.
    ///   - version: the request's version.
    /// - Throws: `HTTPError`: 400, or 501 for a transfer coding other than `chunked`.
    /// - Complexity: O(1) without framing fields, else O(n) in the number of fields.
    init(_ fields: borrowing Fields, version: HTTPVersion) throws(HTTPError) {
        if let coding = fields.firstIndex(of: .transferEncoding) {
            let offset = Int(fields.entries[coding].nameStart)
            // §6.1: an HTTP/1.0 message with Transfer-Encoding has faulty framing.
            guard version == .http11 else {
                throw HTTPError(.transferEncodingInHTTP10, at: offset)
            }
            // #3: Transfer-Encoding would override Content-Length; "ought to be handled as an
            // error".
            if let length = fields.firstIndex(of: .contentLength) {
                throw HTTPError(.bothFramings, at: Int(fields.entries[length].nameStart))
            }
            // #4
            try Self.requireChunked(fields)
            self = .chunked
            return
        }
        // #5, #6
        if let index = fields.firstIndex(of: .contentLength) {
            self = .contentLength(try Self.contentLength(fields, at: index))
            return
        }
        // #7
        self = .none
    }

    /// Requires that all transfer codings together are just `chunked`.
    private static func requireChunked(_ fields: borrowing Fields) throws(HTTPError) {
        var isChunked = false
        var next = fields.firstIndex(of: .transferEncoding)
        while let index = next {
            let range = fields.entries[index].value
            let value = fields.storage.span.extracting(range)
            var reader = FieldValueReader()
            while let element = reader.listElement(value) {
                let offset = range.lowerBound + element.lowerBound
                // Chunked is not the last coding, is there twice, or an empty element follows it.
                guard !isChunked else { throw HTTPError(.invalidTransferEncoding, at: offset) }
                let coding = value.extracting(element)
                isChunked = coding.equalsIgnoringCase("chunked")
                if !isChunked { throw HTTPError(refusal(of: coding), at: offset) }
            }
            next = fields.firstIndex(of: .transferEncoding, from: index + 1)
        }
    }

    /// Tells a coding that we do not have (501) from one that is malformed (400): nothing at all,
    /// no token, or `chunked` with parameters, which it never has (RFC 9112 §7.1).
    private static func refusal(of coding: Span<UInt8>) -> HTTPError.Reason {
        var reader = FieldValueReader()
        guard let name = reader.token(coding) else { return .invalidTransferEncoding }
        reader.skipWhitespace(coding)
        let isWhole = reader.isAtEnd(coding) || coding[reader.position] == Grammar.semicolon
        let isChunked = coding.extracting(name).equalsIgnoringCase("chunked")
        return isWhole && !isChunked ? .unsupportedTransferCoding : .invalidTransferEncoding
    }

    private static func contentLength(
        _ fields: borrowing Fields,
        at index: Int
    ) throws(HTTPError) -> UInt64 {
        // §6.3 #5 would allow equal values, "5, 5" too, to be merged. No honest client sends that.
        if let second = fields.firstIndex(of: .contentLength, from: index + 1) {
            throw HTTPError(.repeatedContentLength, at: Int(fields.entries[second].nameStart))
        }
        let value = fields.entries[index].value
        guard let length = Grammar.decimal(fields.storage.span, value) else {
            throw HTTPError(.invalidContentLength, at: value.lowerBound)
        }
        return length
    }
}
