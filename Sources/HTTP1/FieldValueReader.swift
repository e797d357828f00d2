/// Reads the pieces that structured field values are made of (RFC 9110 §5.6), from left to right.
///
/// It keeps only a position; the bytes are given to each call, so that nothing is copied.
struct FieldValueReader {
    /// The next byte to read.
    var position = 0

    /// Tells whether everything is read.
    ///
    /// - Parameter value: the whole field value.
    /// - Returns: true at its end.
    func isAtEnd(_ value: Span<UInt8>) -> Bool { position >= value.count }

    /// Skips `OWS`.
    ///
    /// - Parameter value: the whole field value.
    mutating func skipWhitespace(_ value: Span<UInt8>) {
        skip(value, Grammar.ows)
    }

    /// Skips one given byte.
    ///
    /// - Parameters:
    ///   - byte: the byte.
    ///   - value: the whole field value.
    /// - Returns: true when it was there.
    mutating func take(_ byte: UInt8, _ value: Span<UInt8>) -> Bool {
        guard position < value.count, value[position] == byte else { return false }
        position += 1
        return true
    }

    /// Reads a `token`.
    ///
    /// - Parameter value: the whole field value.
    /// - Returns: where it lies, or `nil` when there is none.
    mutating func token(_ value: Span<UInt8>) -> Range<Int>? {
        let start = position
        skip(value, Grammar.tchar)
        return start < position ? start..<position : nil
    }

    /// Reads decimal digits.
    ///
    /// - Parameter value: the whole field value.
    /// - Returns: where they lie; empty when there is none.
    mutating func digits(_ value: Span<UInt8>) -> Range<Int> {
        let start = position
        while position < value.count, Grammar.decimalValue(value[position]) != nil { position += 1 }
        return start..<position
    }

    /// Reads a `quoted-string` (RFC 9110 §5.6.4).
    ///
    /// - Parameter value: the whole field value.
    /// - Returns: the text without quotes and escapes, or `nil` when none begins here, it does not
    ///   end, or a control character stands in it.
    mutating func quotedString(_ value: Span<UInt8>) -> [UInt8]? {
        guard take(Grammar.quote, value) else { return nil }
        var text: [UInt8] = []
        while position < value.count {
            var byte = value[position]
            position += 1
            if byte == Grammar.quote { return text }
            if byte == Grammar.backslash {
                guard position < value.count else { return nil }
                byte = value[position]
                position += 1
            }
            guard Grammar.isMember(byte, of: Grammar.fieldContent) else { return nil }
            text.append(byte)
        }
        return nil
    }

    /// Reads the next element of a comma-separated list of plain elements (RFC 9110 §5.6.1).
    ///
    /// - Parameter value: the whole field value, without quoted strings in it.
    /// - Returns: where the element lies, without white space around it; empty for an empty
    ///   element; `nil` after the last.
    mutating func listElement(_ value: Span<UInt8>) -> Range<Int>? {
        guard position <= value.count else { return nil }
        skipWhitespace(value)
        let start = position
        while position < value.count, value[position] != Grammar.comma { position += 1 }
        var end = position
        while end > start, Grammar.isMember(value[end - 1], of: Grammar.ows) { end -= 1 }
        position += 1
        return start..<end
    }

    private mutating func skip(_ value: Span<UInt8>, _ class: UInt8) {
        while position < value.count, Grammar.isMember(value[position], of: `class`) {
            position += 1
        }
    }
}
