internal import Bytes

/// What is decided once all bytes of a head are there: the fields that control the message.
extension RequestHead {
    /// Takes over what the request line's parser found.
    ///
    /// - Parameter line: the parser, done; `fields` holds the head's bytes.
    /// - Throws: `HTTPError` `.invalidTarget` (400).
    func complete(_ line: RequestLineParser) throws(HTTPError) {
        let bytes = fields.storage
        control.version = line.version
        method = Method(bytes.span, line.methodStart..<line.methodEnd)
        control.isHead = method == .head
        target = try RequestTarget(bytes.span, line.target, method: method)
    }

    /// Decides what the fields and the version decide, and nothing else: the parser relies on it
    /// when the same fields come again.
    ///
    /// - Throws: `HTTPError`: 400, 417 or 501.
    func completeFields() throws(HTTPError) {
        // Held once: every look through the object would hold them anew.
        let fields = fields
        try Self.checkHost(fields, fields.storage.span, version)
        control.framing = try BodyFraming(fields, version: version)
        control.persistence = Self.persistence(fields, version: version)
        control.expectsContinue = try checkExpectations(fields)
    }

    /// RFC 9112 §3.2: exactly one valid Host; HTTP/1.0 may leave it out.
    ///
    /// An empty value is valid: it is what a client must send when its target has no authority.
    private static func checkHost(
        _ fields: borrowing Fields,
        _ bytes: Span<UInt8>,
        _ version: HTTPVersion
    ) throws(HTTPError) {
        guard let index = fields.firstIndex(of: .host) else {
            guard version == .http10 else { throw HTTPError(.missingHost, at: bytes.count - 2) }
            return
        }
        if let second = fields.firstIndex(of: .host, from: index + 1) {
            throw HTTPError(.repeatedHost, at: Int(fields.entries[second].nameStart))
        }
        let value = fields.entries[index].value
        guard Authority.parse(bytes.extracting(value)) != nil else {
            throw HTTPError(.invalidHost, at: value.lowerBound)
        }
    }

    /// RFC 9112 §9.3: `close` wins; else HTTP/1.1 persists, and HTTP/1.0 does when asked to.
    private static func persistence(
        _ fields: borrowing Fields,
        version: HTTPVersion
    ) -> Persistence {
        guard fields.contains(.connection) else {
            return version == .http11 ? .keepAlive : .close
        }
        if fields.listContains(.connection, "close") { return .close }
        if version == .http11 { return .keepAlive }
        return fields.listContains(.connection, "keep-alive") ? .keepAlive : .close
    }

    /// RFC 9110 §10.1.1: an unknown expectation is refused, and `100-continue` means nothing in
    /// HTTP/1.0 and without a body to wait for.
    private func checkExpectations(_ fields: borrowing Fields) throws(HTTPError) -> Bool {
        guard fields.contains(.expect) else { return false }
        let bytes = fields.storage
        var next = fields.firstIndex(of: .expect)
        while let index = next {
            let range = fields.entries[index].value
            let value = bytes.span.extracting(range)
            var reader = FieldValueReader()
            while let element = reader.listElement(value) {
                guard value.extracting(element).equalsIgnoringCase("100-continue") else {
                    let offset = range.lowerBound + element.lowerBound
                    throw HTTPError(.unsupportedExpectation, at: offset)
                }
            }
            next = fields.firstIndex(of: .expect, from: index + 1)
        }
        return version == .http11 && !control.hasNoBody
    }
}

extension Fields {
    /// Tells whether a comma-separated list of tokens contains one, over all field lines of a name.
    ///
    /// - Parameters:
    ///   - name: the name to look for.
    ///   - token: the token, in lower case; compared without regard to case.
    /// - Returns: true when it is there.
    package func listContains(_ name: FieldName, _ token: String) -> Bool {
        var next = firstIndex(of: name)
        while let index = next {
            let value = storage.span.extracting(entries[index].value)
            var reader = FieldValueReader()
            while let element = reader.listElement(value) {
                if value.extracting(element).equalsIgnoringCase(token) { return true }
            }
            next = firstIndex(of: name, from: index + 1)
        }
        return false
    }
}
