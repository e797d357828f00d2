/// Field values and targets as text, and against text, without copies where none is needed.
extension Span where Element == UInt8 {
    /// Tells whether the span holds exactly a string's UTF-8.
    ///
    /// - Parameter string: the string to compare with.
    /// - Returns: true when all bytes are the same.
    func equals(_ string: String) -> Bool {
        let other = string.utf8Span.span
        return count == other.count && starts(with: other)
    }

    /// Tells whether the span begins with the bytes of another one.
    ///
    /// - Parameter prefix: the bytes to compare with.
    /// - Returns: false also when the span is shorter.
    func starts(with prefix: Span<UInt8>) -> Bool {
        guard prefix.count <= count else { return false }
        for i in prefix.indices where self[i] != prefix[i] {
            return false
        }
        return true
    }

    /// Tells whether the span holds an ASCII word, in either case.
    ///
    /// - Parameter word: lower-case ASCII letters, digits and hyphens only.
    /// - Returns: true when they are the same but for the case of letters.
    func equalsIgnoringCase(_ word: String) -> Bool {
        let other = word.utf8Span.span
        guard count == other.count else { return false }
        for i in indices where Self.lowercased(self[i]) != Self.lowercased(other[i]) {
            return false
        }
        return true
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}

extension String {
    /// Decodes bytes as UTF-8; what is not UTF-8 becomes replacement characters.
    ///
    /// - Parameter bytes: the bytes.
    init(_ bytes: Span<UInt8>) {
        // SAFETY: the buffer is read within the closure only, and the span outlives it.
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
