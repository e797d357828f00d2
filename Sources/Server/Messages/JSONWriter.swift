internal import Bytes

/// Writes JSON text (RFC 8259) member by member, in the order given.
///
/// `/api/stats` promises an order of keys, and log lines are read by people: a dictionary gives
/// neither. There is no value tree in between, so writing costs one pass over the bytes.
///
/// ```
/// var json = JSONWriter()
/// json.object {
///     $0.member("status", 404)
///     $0.member("allowed") { $0.array { $0.string("GET") } }
/// }
/// json.bytes   // {"status":404,"allowed":["GET"]}
/// ```
package struct JSONWriter {
    /// The text written so far, in UTF-8.
    package private(set) var bytes: [UInt8] = []

    /// Whether the next value of the present object or array follows another one.
    private var needsComma = false

    /// Makes a writer without text.
    package init() {}

    /// Makes a writer that goes on after the given bytes, a log's earlier lines for one.
    ///
    /// - Parameter bytes: what stands before the text; taken over, not copied.
    package init(appendingTo bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    // MARK: Structure

    /// Writes an object.
    ///
    /// - Parameter members: writes its members, each with `member`.
    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        nest("{", members, "}")
    }

    /// Writes an array.
    ///
    /// - Parameter elements: writes its elements, each with one call.
    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        nest("[", elements, "]")
    }

    /// Writes a member of an object.
    ///
    /// - Parameters:
    ///   - name: its name; that no other member has it is up to the caller.
    ///   - value: writes its value, with exactly one call.
    package mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        value(&self)
        precondition(needsComma, "a member has a value")
    }

    private mutating func nest(
        _ opening: Unicode.Scalar,
        _ content: (inout JSONWriter) -> Void,
        _ closing: Unicode.Scalar
    ) {
        separate()
        bytes.append(UInt8(ascii: opening))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: closing))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // MARK: Values

    /// Writes a string.
    ///
    /// - Parameter value: the string.
    package mutating func string(_ value: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let utf8 = value.utf8
        let span = utf8.span
        // Nearly everything is plain, and then one copy does.
        if span.isPlainInQuotes {
            bytes.append(span)
        } else {
            for scalar in value.unicodeScalars { escape(scalar) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string that came as bytes.
    ///
    /// - Parameter value: UTF-8; U+FFFD stands in for what is not (RFC 8259 §8.1 allows UTF-8
    ///   only).
    package mutating func string(utf8 value: Span<UInt8>) {
        guard value.isPlainInQuotes else {
            return string(String(decoding: value.copy(), as: UTF8.self))
        }
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(value)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a whole number.
    ///
    /// - Parameter value: the number. Readers that keep numbers as doubles are exact up to 2^53
    ///   (RFC 8259 §6), which is more bytes than any store of ours holds.
    package mutating func integer(_ value: Int) {
        separate()
        bytes.append(decimal: value)
    }

    /// Writes a number of thousandths as a decimal fraction, `1.5` for 1,500.
    ///
    /// - Parameter thousandths: the number times 1,000, at least 0.
    package mutating func number(thousandths: Int) {
        separate()
        bytes.append(decimal: thousandths, fractionDigits: 3)
    }

    /// Writes `true` or `false`.
    ///
    /// - Parameter value: which.
    package mutating func boolean(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Escapes what RFC 8259 §7 requires, and DEL and the C1 controls besides.
    ///
    /// §7 leaves the latter alone, but a terminal that shows a log would obey them. They mean the
    /// same to every JSON reader either way.
    private mutating func escape(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": bytes.append(contentsOf: #"\""#.utf8)
        case "\\": bytes.append(contentsOf: #"\\"#.utf8)
        case "\n": bytes.append(contentsOf: #"\n"#.utf8)
        case "\r": bytes.append(contentsOf: #"\r"#.utf8)
        case "\t": bytes.append(contentsOf: #"\t"#.utf8)
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(hex: UInt8(scalar.value))
        default:
            bytes.append(contentsOf: scalar.utf8)
        }
    }
}

// Members with the values that most of them have.
extension JSONWriter {
    /// Writes a member whose value is a string.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    package mutating func member(_ name: String, _ value: String) {
        member(name) { $0.string(value) }
    }

    /// Writes a member whose value is a whole number.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its value.
    package mutating func member(_ name: String, _ value: Int) {
        member(name) { $0.integer(value) }
    }
}
