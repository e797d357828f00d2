/// The bytes and character classes of RFC 2046, RFC 7578, RFC 8187 and RFC 9110 that the parser
/// compares with, each beside the production it comes from.
enum Grammar {
    static let cr = UInt8(ascii: "\r")
    static let lf = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let hyphen = UInt8(ascii: "-")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let equals = UInt8(ascii: "=")
    static let doubleQuote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let percent = UInt8(ascii: "%")
    static let apostrophe = UInt8(ascii: "'")

    /// The bytes before the boundary in a delimiter.
    ///
    ///     dash-boundary := "--" boundary
    ///     delimiter     := CRLF dash-boundary                       (RFC 2046 §5.1.1)
    static let delimiterPrefix: [UInt8] = [cr, lf, hyphen, hyphen]

    /// Tells whether a byte may stand in a boundary.
    ///
    ///     bchars        := bcharsnospace / " "                      (RFC 2046 §5.1.1)
    ///     bcharsnospace := DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." /
    ///                      "/" / ":" / "=" / "?"
    static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || boundaryMarks.contains(byte)
    }

    /// Tells whether a byte may stand in a token.
    ///
    ///     token = 1*tchar                                           (RFC 9110 §5.6.2)
    ///     tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" /
    ///             "`" / "|" / "~" / DIGIT / ALPHA
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || tokenMarks.contains(byte)
    }

    /// Tells whether a byte stands for itself in an extended value.
    ///
    ///     attr-char = ALPHA / DIGIT / "!" / "#" / "$" / "&" / "+" / "-" / "." / "^" / "_" /
    ///                 "`" / "|" / "~"                               (RFC 8187 §3.2.1)
    static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        isTokenCharacter(byte) && byte != apostrophe && byte != percent
            && byte != UInt8(ascii: "*")
    }

    /// Tells whether a byte is white space inside a line.
    ///
    ///     OWS               = *( SP / HTAB )                        (RFC 9110 §5.6.3)
    ///     transport-padding := *LWSP-char                           (RFC 2046 §5.1.1)
    static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// Tells whether a byte may stand in a field value.
    ///
    ///     field-vchar = VCHAR / obs-text                            (RFC 9110 §5.5)
    ///
    /// with SP and HTAB between them. RFC 7578 §5.1 has names and file names in UTF-8, whose bytes
    /// beyond ASCII are `obs-text` here.
    static func isFieldValueByte(_ byte: UInt8) -> Bool {
        byte == tab || (byte >= space && byte != 0x7F)
    }

    private static let boundaryMarks: [UInt8] = Array("'()+_,-./:=? ".utf8)
    private static let tokenMarks: [UInt8] = Array("!#$%&'*+-.^_`|~".utf8)

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// Compares with an ASCII word, letters of either case being the same.
    ///
    /// - Parameters:
    ///   - bytes: the bytes as they were sent.
    ///   - word: the word in lower case.
    /// - Returns: true when they spell the same word.
    static func equalsIgnoringCase(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
        word.description.utf8.elementsEqual(bytes.lazy.map(lowerCased))
    }

    private static func lowerCased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
