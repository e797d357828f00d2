internal import Bytes

/// Text from elsewhere in a log line: whatever a client sends, it stays one field of one line.
///
/// Line feeds would forge lines, quotes would forge fields, and escape sequences would be obeyed by
/// the terminal of whoever reads the log. All bytes outside visible ASCII are therefore written as
/// `\xHH`.
extension Array where Element == UInt8 {
    /// Appends bytes in double quotes.
    ///
    /// - Parameter value: the bytes, of any kind.
    mutating func append(logQuoting value: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        append(logEscaping: value)
        append(UInt8(ascii: "\""))
    }

    /// Appends bytes, with quotes and backslashes escaped.
    ///
    /// Also outside quotes: every value of a line is quoted, so without a quote nothing in a
    /// message can look like one.
    ///
    /// - Parameter value: the bytes, of any kind.
    mutating func append(logEscaping value: Span<UInt8>) {
        // Nearly everything is plain, and then one copy does.
        if value.isPlainInQuotes { return append(value) }
        for i in value.indices {
            let byte = value[i]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0x20...0x7E:
                append(byte)
            default:
                append(text: #"\x"#)
                append(hex: byte)
            }
        }
    }
}
