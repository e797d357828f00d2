internal import Bytes

extension ImageSignature {
    /// Bytes that a format begins with, with gaps where it may have any.
    struct Pattern: Sendable {
        /// How a prefix compares with a pattern.
        enum Match: Sendable {
            case matches, differs
            /// Nothing differs so far, and the prefix is too short to tell.
            case undecided
        }

        private let parts: [(offset: Int, bytes: [UInt8])]

        /// Makes a pattern at the start of the file.
        ///
        /// - Parameter bytes: the bytes that the file begins with.
        init(_ bytes: [UInt8]) { parts = [(0, bytes)] }

        /// Makes a pattern of ASCII text.
        ///
        /// - Parameters:
        ///   - text: the text.
        ///   - offset: where it begins in the file.
        init(_ text: String, at offset: Int = 0) { parts = [(offset, Array(text.utf8))] }

        /// Makes a pattern of two pieces of ASCII text.
        ///
        /// - Parameters:
        ///   - first: the text that comes first.
        ///   - firstOffset: where it begins in the file.
        ///   - second: the other text.
        ///   - secondOffset: where that begins.
        init(_ first: String, at firstOffset: Int, _ second: String, at secondOffset: Int) {
            parts = [(firstOffset, Array(first.utf8)), (secondOffset, Array(second.utf8))]
        }

        /// Compares the first bytes of a file with the pattern.
        ///
        /// - Parameter prefix: the file from its first byte on.
        /// - Returns: `.differs` as soon as one byte that is there does.
        func match(_ prefix: Span<UInt8>) -> Match {
            var isShort = false
            for part in parts {
                for (index, byte) in part.bytes.enumerated() {
                    let offset = part.offset + index
                    if offset >= prefix.count {
                        isShort = true
                    } else if prefix[offset] != byte {
                        return .differs
                    }
                }
            }
            return isShort ? .undecided : .matches
        }
    }

    /// What people send by mistake, so that the refusal can name it.
    static let foreign: [(Pattern, String)] = [
        (Pattern([0x00, 0x00, 0x01, 0x00]), notAccepted("a Windows icon (ICO)")),
        (Pattern([0x00, 0x00, 0x02, 0x00]), notAccepted("a Windows cursor (CUR)")),
        (Pattern("8BPS"), notAccepted("a Photoshop document")),
        (Pattern("%PDF"), notAccepted("a PDF document")),
        (Pattern([0xFF, 0x0A]), notAccepted("a JPEG XL image")),
        (Pattern("JXL ", at: 4), notAccepted("a JPEG XL image")),
        (Pattern("jP  ", at: 4), notAccepted("a JPEG 2000 image")),
        (Pattern([0xFF, 0x4F, 0xFF, 0x51]), notAccepted("a JPEG 2000 image")),
        (Pattern("RIFF"), notAccepted("a RIFF file other than WEBP")),
        (Pattern([0x76, 0x2F, 0x31, 0x01]), notAccepted("an OpenEXR image")),
        (Pattern("FUJIFILMCCD-RAW"), notAccepted("a Fujifilm raw image")),
        (Pattern("IIRO"), notAccepted("an Olympus raw image")),
        (Pattern("IIU\u{0}"), notAccepted("a Panasonic raw image")),
        (Pattern("PK\u{3}\u{4}"), notAccepted("a ZIP archive")),
        (Pattern([0x1F, 0x8B]), notAccepted("a gzip archive")),
        (Pattern([0xEF, 0xBB, 0xBF, 0x3C]), notAccepted("SVG or other markup")),
        (Pattern("<"), notAccepted("SVG or other markup")),
    ]

    private static func notAccepted(_ what: String) -> String {
        "The file is \(what); accepted are \(acceptedNames)."
    }
}
