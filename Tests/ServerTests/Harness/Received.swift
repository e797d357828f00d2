internal import Bytes

/// A response as it came over the wire.
struct Received {
    var status: Int
    /// Names in lower case.
    var fields: [(name: String, value: String)]
    var content: [UInt8]
    /// All of it, with the values that differ each time replaced, so that it can be compared.
    var text: String

    /// The value of a field, or `nil`.
    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The stable word of a problem document.
    var code: String? {
        let text = String(decoding: content, as: UTF8.self)
        guard let start = text.firstRange(of: #""code":""#) else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    /// Reads one response from the front of some bytes.
    ///
    /// - Returns: the response and its length in bytes, or `nil` when it is not complete.
    static func parse(_ bytes: ArraySlice<UInt8>, isHead: Bool) -> (Received, Int)? {
        let emptyLine = Array("\r\n\r\n".utf8)
        let whole = Array(bytes.prefix(16 << 10))
        guard let end = whole.firstRange(of: emptyLine) else { return nil }
        let lines = String(decoding: whole[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let status = Int(lines[0].dropFirst(9).prefix(3)) ?? 0
        let fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (
                name: line[..<colon].lowercased(),
                value: String(line[colon...].dropFirst(2))
            )
        }
        let hasContent = !isHead && status >= 200 && status != 204 && status != 304
        let length = fields.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        let total = end.upperBound + (hasContent ? length : 0)
        guard bytes.count >= total else { return nil }
        let content = bytes[(bytes.startIndex + end.upperBound)..<(bytes.startIndex + total)]
        let comparable = lines.map { line in
            line.hasPrefix("Date: ") ? "Date: (now)" : String(line)
        }
        let response = Received(
            status: status,
            fields: fields,
            content: Array(content),
            text: comparable.joined(separator: "\r\n") + "\r\n\r\n"
                + String(decoding: content.prefix(4 << 10), as: UTF8.self)
        )
        return (response, total)
    }
}
