import Bytes

/// One final response, read as strictly as a client can.
///
/// Whatever is not well-formed ends the process, since that is what the fuzzer looks for.
struct Answer: CustomStringConvertible {
    let status: Int
    /// Names in lower case.
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var content: [UInt8] = []

    /// Whether it says that the connection ends.
    var isClosing: Bool { self["connection"] == "close" }

    private subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All of it but what differs each time: times, random names, counters.
    var comparable: String {
        let text = String(decoding: content, as: UTF8.self)
        let isMetrics = self["content-type"]?.hasPrefix("text/plain; version=") ?? false
        let isRandom = isMetrics || text.contains(#""upload_id":"#)
        let changing: Set = ["date", "x-request-id", "last-modified"]
        let kept = fields.filter {
            !changing.contains($0.name) && !(isRandom && $0.name == "content-length")
        }
        let head = kept.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        return "\(status)\n\(head)\n\n\(isRandom ? "" : text)"
    }

    var description: String { "[\(comparable.prefix(600))]" }

    /// Reads all that a server sent on a connection.
    ///
    /// - Parameters:
    ///   - bytes: what was received, to its end.
    ///   - methods: what the requests were, since HEAD gets no content.
    /// - Returns: the final responses in their order.
    static func all(in bytes: [UInt8], toMethods methods: [String]) -> [Answer] {
        var answers: [Answer] = []
        var position = 0
        while position < bytes.count {
            let isHead = answers.count < methods.count && methods[answers.count] == "HEAD"
            let answer = Answer(bytes, at: &position, isHead: isHead)
            if answer.status >= 200 { answers.append(answer) }
        }
        return answers
    }

    private init(_ bytes: [UInt8], at position: inout Int, isHead: Bool) {
        let emptyLine = Array("\r\n\r\n".utf8)
        guard let end = bytes[position...].firstRange(of: emptyLine) else {
            preconditionFailure("a head without an end")
        }
        let lines = String(decoding: bytes[position..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]),
            (100..<600).contains(status)
        else { preconditionFailure("no status line: \(lines[0])") }
        self.status = status
        position = end.upperBound
        for line in lines.dropFirst() { add(line) }
        guard status >= 200 else { return }
        let lengths = fields.filter { $0.name == "content-length" }
        if status == 204 || status == 304 {
            precondition(lengths.isEmpty, "a length where there is no content")
            return
        }
        guard lengths.count == 1, let length = Int(lengths[0].value), length >= 0 else {
            preconditionFailure("not one length: \(lines)")
        }
        guard !isHead else { return }
        precondition(length <= bytes.count - position, "content that ends early")
        content = Array(bytes[position..<position + length])
        position += length
    }

    private mutating func add(_ line: Substring) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        precondition(parts.count == 2 && parts[1].hasPrefix(" "), "no field: \(line)")
        let controls = line.utf8.contains { $0 < 0x20 || $0 == 0x7F }
        precondition(!parts[0].isEmpty && !controls, "no field: \(line)")
        fields.append((parts[0].lowercased(), String(parts[1].dropFirst())))
    }
}
