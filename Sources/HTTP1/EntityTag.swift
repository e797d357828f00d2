/// A validator of a representation (RFC 9110 §8.8.3): `"abc"`, or `W/"abc"` when weak.
package struct EntityTag: Hashable, Sendable {
    /// Whether it only promises equivalence, not equality byte for byte.
    package let isWeak: Bool
    /// The characters between the quotes.
    package let opaqueTag: String

    /// Makes an entity tag of our own.
    ///
    /// - Parameters:
    ///   - opaqueTag: `etagc` characters only; anything else is a programmer's mistake.
    ///   - isWeak: whether it is weak.
    package init(_ opaqueTag: String, isWeak: Bool = false) {
        let bytes = opaqueTag.utf8Span.span
        for i in bytes.indices {
            precondition(Grammar.isMember(bytes[i], of: Grammar.etagc), "not an entity tag")
        }
        self.opaqueTag = opaqueTag
        self.isWeak = isWeak
    }

    /// Compares byte for byte: equal, and both strong (RFC 9110 §8.8.3.2).
    ///
    /// - Parameter other: the tag to compare with.
    /// - Returns: true when they name the same bytes.
    package func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaqueTag == other.opaqueTag
    }

    /// Compares for equivalence: equal, weak or not (RFC 9110 §8.8.3.2).
    ///
    /// - Parameter other: the tag to compare with.
    /// - Returns: true when they name equivalent representations.
    package func matchesWeakly(_ other: EntityTag) -> Bool {
        opaqueTag == other.opaqueTag
    }

    /// Reads a single entity tag.
    ///
    /// Gives `nil` when the value is not exactly one.
    ///
    /// - Parameter value: the whole field value.
    package init?(parsing value: String) {
        let bytes = value.utf8Span.span
        var reader = FieldValueReader()
        guard let tag = reader.entityTag(bytes), reader.isAtEnd(bytes) else { return nil }
        self = tag
    }
}

extension EntityTag: CustomStringConvertible {
    /// The tag as it stands in a field.
    package var description: String { isWeak ? "W/\"\(opaqueTag)\"" : "\"\(opaqueTag)\"" }
}

extension EntityTag {
    /// The value of If-Match or If-None-Match.
    package enum Condition: Hashable, Sendable {
        /// `*`: any representation at all.
        case any
        /// One of these.
        case list([EntityTag])
    }

    /// Reads the value of If-Match or If-None-Match.
    ///
    /// - Parameter value: the combined field value.
    /// - Returns: `nil` when it is neither `*` nor a list of entity tags.
    package static func parseCondition(_ value: String) -> Condition? {
        let bytes = value.utf8Span.span
        if bytes.equals("*") { return .any }
        var tags: [EntityTag] = []
        var reader = FieldValueReader()
        while true {
            reader.skipWhitespace(bytes)
            // RFC 9110 §5.6.1.2: empty elements are ignored.
            if reader.take(Grammar.comma, bytes) { continue }
            if reader.isAtEnd(bytes) { break }
            guard let tag = reader.entityTag(bytes) else { return nil }
            tags.append(tag)
            reader.skipWhitespace(bytes)
            guard reader.isAtEnd(bytes) || reader.take(Grammar.comma, bytes) else { return nil }
        }
        return tags.isEmpty ? nil : .list(tags)
    }
}

extension FieldValueReader {
    /// Reads an `entity-tag`.
    ///
    /// - Parameter value: the whole field value.
    /// - Returns: the tag, or `nil` when there is none here.
    mutating func entityTag(_ value: Span<UInt8>) -> EntityTag? {
        let isWeak = take(UInt8(ascii: "W"), value)
        if isWeak, !take(UInt8(ascii: "/"), value) { return nil }
        guard take(Grammar.quote, value) else { return nil }
        let start = position
        while position < value.count, Grammar.isMember(value[position], of: Grammar.etagc) {
            position += 1
        }
        let end = position
        guard take(Grammar.quote, value) else { return nil }
        return EntityTag(String(value.extracting(start..<end)), isWeak: isWeak)
    }
}
