internal import Bytes
internal import Logging

/// A message of the service about itself, as a line of the log.
///
/// ```
/// 2024-05-06T12:00:00.123Z warning server: the disk is nearly full path="/data" free_bytes="1024"
/// {"time":"2024-05-06T12:00:00.123Z","level":"warning","logger":"server","message":"the disk …",…}
/// ```
struct ServiceRecord {
    /// The longest message or value in bytes; longer ones are cut.
    ///
    /// A message is a sentence, and what clients send is not to fill the disk.
    static let textBytesMax = 2_048

    var time: Timestamp
    var level: Logger.Level
    var label: String
    var message: String
    /// Names and values, in the order in which they are written.
    var metadata: [(name: String, value: String)]

    /// Encodes the line.
    ///
    /// - Parameter format: how it looks.
    /// - Returns: the line with its line feed.
    func encode(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .text: encodeText()
        case .json: encodeJSON()
        }
    }

    private func encodeText() -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(128)
        time.append(to: &line, showsMilliseconds: true)
        line.append(text: " \(level.rawValue) ")
        line.append(text: label)
        line.append(text: ": ")
        line.append(logEscaping: Self.cut(message).span)
        for (name, value) in metadata {
            line.append(UInt8(ascii: " "))
            line.append(logEscaping: Self.cut(name).span)
            line.append(UInt8(ascii: "="))
            line.append(logQuoting: Self.cut(value).span)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private func encodeJSON() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("time") { $0.timestamp(time) }
            json.member("level", level.rawValue)
            json.member("logger", label)
            json.member("message") { $0.string(utf8: Self.cut(message).span) }
            // In an object of their own: a name can then never be taken for one of ours.
            guard !metadata.isEmpty else { return }
            json.member("metadata") { json in
                json.object { json in
                    for (name, value) in metadata {
                        json.member(name) { $0.string(utf8: Self.cut(value).span) }
                    }
                }
            }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    private static func cut(_ text: String) -> [UInt8] {
        Array(text.utf8.prefix(textBytesMax))
    }
}

extension JSONWriter {
    /// Writes a moment, to the millisecond.
    mutating func timestamp(_ time: Timestamp) {
        var text: [UInt8] = []
        time.append(to: &text, showsMilliseconds: true)
        string(utf8: text.span)
    }
}
