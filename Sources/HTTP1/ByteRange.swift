/// Which bytes a Range field asks for (RFC 9110 §14).
package enum ByteRange: Hashable, Sendable {
    /// All of them: there is no Range field that counts.
    case whole
    /// These, in the order asked for, at least one, none empty, all within the representation.
    case ranges([Range<UInt64>])
    /// None of the ranges asked for has a byte (416).
    case unsatisfiable

    /// The most ranges that are looked at.
    ///
    /// A field with more is ignored, as RFC 9110 §14.2 advises against many small ranges
    /// (CVE-2011-3192). Media players and PDF viewers ask for a handful; Apache: 200, nginx: no
    /// limit.
    package static let rangesMax = 16

    /// Reads a Range field.
    ///
    /// A unit other than `bytes`, a malformed set, and too many ranges all leave the field without
    /// effect (§14.2: "A server MAY ignore the Range header field"). Ranges that overlap or touch
    /// are made one (§15.3.7.2 allows it), so that an answer is never longer than the
    /// representation; they stand where the first of them stood.
    ///
    /// - Parameters:
    ///   - value: the field value; of several field lines, the combined one.
    ///   - sizeBytes: the size of the selected representation.
    package init(parsing value: Span<UInt8>, sizeBytes: UInt64) {
        guard let specs = Self.specs(value) else {
            self = .whole
            return
        }
        var ranges: [Range<UInt64>] = []
        for spec in specs {
            guard let range = spec.resolved(sizeBytes: sizeBytes) else { continue }
            Self.insert(range, &ranges)
        }
        self = ranges.isEmpty ? .unsatisfiable : .ranges(ranges)
    }

    /// Reads a Range field that asks for one range, as nearly all do, without allocating.
    ///
    /// - Parameters:
    ///   - value: the field value.
    ///   - sizeBytes: the size of the selected representation.
    /// - Returns: the bytes asked for, not empty and within the representation; `nil` for whatever
    ///   `init(parsing:sizeBytes:)` has to decide.
    package static func single(
        parsing value: Span<UInt8>,
        sizeBytes: UInt64
    ) -> Range<UInt64>? {
        var reader = FieldValueReader()
        guard let unit = reader.token(value), value.extracting(unit).equalsIgnoringCase("bytes"),
            reader.take(Grammar.equals, value)
        else { return nil }
        return spec(value.extracting(reader.position..<value.count))?
            .resolved(sizeBytes: sizeBytes)
    }

    /// One `range-spec`, not yet held against a size.
    private enum Spec {
        case from(UInt64, through: UInt64)
        case suffix(UInt64)

        func resolved(sizeBytes: UInt64) -> Range<UInt64>? {
            switch self {
            case .from(let first, let last):
                first < sizeBytes ? first..<min(last, sizeBytes - 1) + 1 : nil
            case .suffix(let length):
                length > 0 && sizeBytes > 0 ? sizeBytes - min(length, sizeBytes)..<sizeBytes : nil
            }
        }
    }

    private static func specs(_ value: Span<UInt8>) -> [Spec]? {
        var reader = FieldValueReader()
        guard let unit = reader.token(value), value.extracting(unit).equalsIgnoringCase("bytes"),
            reader.take(Grammar.equals, value)
        else { return nil }
        var specs: [Spec] = []
        while let element = reader.listElement(value) {
            if element.isEmpty { continue }
            guard specs.count < rangesMax, let spec = spec(value.extracting(element)) else {
                return nil
            }
            specs.append(spec)
        }
        return specs.isEmpty ? nil : specs
    }

    private static func spec(_ element: Span<UInt8>) -> Spec? {
        var reader = FieldValueReader()
        let first = reader.digits(element)
        guard reader.take(UInt8(ascii: "-"), element) else { return nil }
        let last = reader.digits(element)
        guard reader.isAtEnd(element) else { return nil }
        switch (first.isEmpty, last.isEmpty) {
        case (true, true):
            return nil
        case (true, false):
            return .suffix(saturated(element, last))
        case (false, true):
            return .from(saturated(element, first), through: .max)
        case (false, false):
            let (first, last) = (saturated(element, first), saturated(element, last))
            return first <= last ? .from(first, through: last) : nil
        }
    }

    /// A position that no representation reaches is as good as the largest one.
    private static func saturated(_ element: Span<UInt8>, _ digits: Range<Int>) -> UInt64 {
        Grammar.decimal(element, digits) ?? UInt64(Int64.max)
    }

    private static func insert(_ range: Range<UInt64>, _ ranges: inout [Range<UInt64>]) {
        var merged = range
        var place = ranges.count
        // From the back, so that removing leaves the indices to come in place. A range that grew
        // may touch one that it did not touch before.
        var index = ranges.count
        while index > 0 {
            index -= 1
            let other = ranges[index]
            guard other.lowerBound <= merged.upperBound, merged.lowerBound <= other.upperBound
            else { continue }
            let lower = min(merged.lowerBound, other.lowerBound)
            merged = lower..<max(merged.upperBound, other.upperBound)
            ranges.remove(at: index)
            place = index
            index = ranges.count
        }
        ranges.insert(merged, at: min(place, ranges.count))
    }
}

extension ByteRange {
    /// Writes the value of Content-Range for a part (RFC 9110 §14.4).
    ///
    /// - Parameters:
    ///   - range: the bytes of the part, not empty.
    ///   - sizeBytes: the size of the whole representation.
    /// - Returns: `bytes first-last/size`.
    package static func contentRange(_ range: Range<UInt64>, sizeBytes: UInt64) -> String {
        precondition(!range.isEmpty && range.upperBound <= sizeBytes)
        return "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(sizeBytes)"
    }

    /// Writes the value of Content-Range for an unsatisfiable range.
    ///
    /// - Parameter sizeBytes: the size of the whole representation.
    /// - Returns: `bytes */size`.
    package static func contentRangeUnsatisfiable(sizeBytes: UInt64) -> String {
        "bytes */\(sizeBytes)"
    }
}
