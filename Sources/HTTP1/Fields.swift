internal import Bytes

/// A field section, in the order received: header fields or trailers (RFC 9110 §5, §6.5).
///
/// One array holds the bytes as they came (for a request the whole head, its request line too), a
/// second one where each name and value lies. Both are reused from one request to the next.
package struct Fields: Sendable {
    /// One field line, as positions in `storage`.
    @usableFromInline
    struct Entry: Sendable {
        @usableFromInline var nameStart: UInt32
        @usableFromInline var nameEnd: UInt32
        @usableFromInline var valueStart: UInt32
        @usableFromInline var valueEnd: UInt32
        @usableFromInline var tag: UInt8

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        @inlinable var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    @usableFromInline var storage: [UInt8] = []
    @usableFromInline var entries: [Entry] = []
    /// One bit for each tag that occurs.
    @usableFromInline var present: UInt64 = 0

    /// Makes an empty section.
    package init() {}

    /// How many field lines there are.
    package var count: Int { entries.count }
    /// Whether there is no field line.
    package var isEmpty: Bool { entries.isEmpty }

    /// Tells whether at least one field line has the name.
    ///
    /// - Parameter name: the name to look for.
    /// - Returns: true when it is there, with whatever value.
    /// - Complexity: O(1) for names with a constant; else O(n).
    @inlinable @inline(__always)
    package func contains(_ name: FieldName) -> Bool {
        if name.tag != FieldName.untagged { return present & (1 << UInt64(name.tag)) != 0 }
        return firstIndex(of: name) != nil
    }

    /// Whether a field is there with which a GET asks for anything but the whole of a
    /// representation: a condition (RFC 9110 §13.1) or a range (§14.2).
    ///
    /// - Complexity: O(1).
    package var hasConditionOrRange: Bool { present & Self.conditionsAndRange != 0 }

    /// Tells whether, of those fields, there is just one of a given name, in one field line.
    ///
    /// - Parameter name: one of those names.
    /// - Returns: false when it is repeated, or another one is there, too.
    package func hasOnlyConditionOrRange(_ name: FieldName) -> Bool {
        present & Self.conditionsAndRange == 1 << UInt64(name.tag) && count(of: name) == 1
    }

    static let conditionsAndRange: UInt64 = [
        FieldName.range, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange,
    ].reduce(0) { $0 | 1 << UInt64($1.tag) }

    /// The bit of `X-Request-Id`.
    static let requestID: UInt64 = 1 << UInt64(FieldName.xRequestID.tag)

    /// Counts the field lines of a name.
    ///
    /// - Parameter name: the name to look for.
    /// - Returns: how many have it.
    package func count(of name: FieldName) -> Int {
        guard contains(name) else { return 0 }
        return entries.indices.reduce(0) { $0 + (isNamed($1, name) ? 1 : 0) }
    }

    /// Gives the value of the first field line of a name.
    ///
    /// - Parameter name: the name to look for.
    /// - Returns: the value without white space around it, or `nil` when there is none.
    package func first(_ name: FieldName) -> String? {
        firstIndex(of: name).map { value(at: $0) }
    }

    /// Gives the values of all field lines of a name.
    ///
    /// - Parameter name: the name to look for.
    /// - Returns: the values in the order received.
    package func values(_ name: FieldName) -> [String] {
        entries.indices.filter { isNamed($0, name) }.map { value(at: $0) }
    }

    /// Gives the combined value of a name (RFC 9110 §5.2).
    ///
    /// - Parameter name: the name to look for.
    /// - Returns: all its values, joined by a comma and a space, or `nil` when there is none.
    package func combinedValue(_ name: FieldName) -> String? {
        let values = values(name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Lends the bytes of the first value of a name, without copying them.
    ///
    /// - Parameters:
    ///   - name: the name to look for.
    ///   - body: is given the value; called at most once, before the call returns.
    /// - Returns: what `body` returned, or `nil` when there is no such field line.
    @inlinable @inline(__always)
    package func withFirst<Result>(
        _ name: FieldName,
        _ body: (Span<UInt8>) -> Result
    ) -> Result? {
        guard let index = firstIndex(of: name) else { return nil }
        return body(storage.span.extracting(entries[index].value))
    }

    /// Tells whether the first value of a name is the given one, without allocating.
    ///
    /// - Parameters:
    ///   - name: the name to look for.
    ///   - value: the exact value.
    /// - Returns: false also when there is no such field line.
    package func first(_ name: FieldName, equals value: String) -> Bool {
        withFirst(name) { $0.equals(value) } ?? false
    }

    /// Gives the name of a field line as it was sent.
    ///
    /// - Parameter index: `0..<count`.
    /// - Returns: the name.
    package func name(at index: Int) -> String {
        String(storage.span.extracting(entries[index].name))
    }

    /// Gives the value of a field line.
    ///
    /// - Parameter index: `0..<count`.
    /// - Returns: the value without white space around it.
    package func value(at index: Int) -> String {
        String(storage.span.extracting(entries[index].value))
    }
}

/// Lookup and building, for this target.
extension Fields {
    /// Finds the first field line of a name.
    ///
    /// - Parameters:
    ///   - name: the name to look for.
    ///   - start: the field line to start at.
    /// - Returns: the index of the field line, or `nil`.
    @usableFromInline
    func firstIndex(of name: FieldName, from start: Int = 0) -> Int? {
        if name.tag != FieldName.untagged, present & (1 << UInt64(name.tag)) == 0 { return nil }
        var index = start
        while index < entries.count {
            if isNamed(index, name) { return index }
            index += 1
        }
        return nil
    }

    private func isNamed(_ index: Int, _ name: FieldName) -> Bool {
        guard entries[index].tag == name.tag else { return false }
        return name.tag != FieldName.untagged
            || storage.span.extracting(entries[index].name).equalsIgnoringCase(name.rawName)
    }

    /// Adds a field line whose bytes are, or will be, in `storage`.
    ///
    /// - Parameter entry: where it lies, and its tag.
    @inline(__always)
    mutating func append(_ entry: Entry) {
        entries.append(entry)
        present |= 1 << UInt64(entry.tag)
    }

    /// Forgets all field lines and bytes, and keeps the memory for the next ones.
    mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        removeEntries()
    }

    /// Puts other bytes in the place of those that are there.
    ///
    /// - Parameter bytes: the bytes; the memory is kept and only grows.
    mutating func replaceStorage(with bytes: Span<UInt8>) {
        let kept = min(storage.count, bytes.count)
        var span = storage.mutableSpan
        span.replace(0..<kept, with: bytes)
        if kept < storage.count { storage.removeLast(storage.count - kept) }
        if kept < bytes.count { storage.append(bytes.extracting(kept..<bytes.count)) }
    }

    /// Forgets all field lines, and keeps the bytes.
    mutating func removeEntries() {
        entries.removeAll(keepingCapacity: true)
        present = 0
    }
}
