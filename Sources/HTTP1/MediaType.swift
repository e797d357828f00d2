/// A media type with its parameters (RFC 9110 §8.3.1), such as `multipart/form-data; boundary=x`.
package struct MediaType: Hashable, Sendable {
    /// One `name=value`.
    package struct Parameter: Hashable, Sendable {
        /// The name, in lower case: it is case-insensitive.
        package let name: String
        /// The value, without quotes and escapes; its case counts unless the parameter says
        /// otherwise.
        package let value: String
    }

    /// The most parameters that are read; a value with more is not a media type for us.
    ///
    /// Real ones have one or two.
    package static let parametersMax = 16

    /// The part before the slash, in lower case.
    package let type: String
    /// The part behind the slash, in lower case.
    package let subtype: String
    /// The parameters, in the order sent.
    package let parameters: [Parameter]

    /// Reads a media type.
    ///
    /// Gives `nil` when the value is not one, or names a parameter twice: readers differ in which
    /// of the two they take, and a `boundary` must not be read in two ways.
    ///
    /// - Parameter value: the whole field value.
    package init?(parsing value: String) {
        let bytes = value.utf8Span.span
        var reader = FieldValueReader()
        guard let type = reader.token(bytes), reader.take(UInt8(ascii: "/"), bytes),
            let subtype = reader.token(bytes),
            let parameters = Self.parameters(&reader, bytes)
        else { return nil }
        self.type = String(bytes.extracting(type)).lowercased()
        self.subtype = String(bytes.extracting(subtype)).lowercased()
        self.parameters = parameters
    }

    /// Gives the value of a parameter.
    ///
    /// - Parameter name: its name, in lower case.
    /// - Returns: its value, or `nil` when there is none.
    package func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// Tells whether it is a given type, whatever its parameters.
    ///
    /// - Parameters:
    ///   - type: the part before the slash, in lower case.
    ///   - subtype: the part behind it, in lower case.
    /// - Returns: true when both are the same.
    package func matches(_ type: String, _ subtype: String) -> Bool {
        self.type == type && self.subtype == subtype
    }

    private static func parameters(
        _ reader: inout FieldValueReader,
        _ bytes: Span<UInt8>
    ) -> [Parameter]? {
        var parameters: [Parameter] = []
        reader.skipWhitespace(bytes)
        while !reader.isAtEnd(bytes) {
            guard reader.take(Grammar.semicolon, bytes) else { return nil }
            reader.skipWhitespace(bytes)
            // RFC 9110 §5.6.6: a parameter may be left out between two semicolons.
            guard let range = reader.token(bytes) else {
                if reader.isAtEnd(bytes) || bytes[reader.position] == Grammar.semicolon { continue }
                return nil
            }
            let name = String(bytes.extracting(range)).lowercased()
            guard reader.take(Grammar.equals, bytes), let value = value(&reader, bytes),
                parameters.count < parametersMax, !parameters.contains(where: { $0.name == name })
            else { return nil }
            parameters.append(Parameter(name: name, value: value))
            reader.skipWhitespace(bytes)
        }
        return parameters
    }

    private static func value(_ reader: inout FieldValueReader, _ bytes: Span<UInt8>) -> String? {
        if let token = reader.token(bytes) { return String(bytes.extracting(token)) }
        return reader.quotedString(bytes).map { String(decoding: $0, as: UTF8.self) }
    }
}
