internal import Bytes

/// Tells content from delimiters: how many bytes are surely data, and where a boundary stands.
///
///     delimiter       := CRLF "--" boundary                         (RFC 2046 §5.1.1)
///     encapsulation   := delimiter transport-padding CRLF body-part
///     close-delimiter := delimiter "--"
///
/// All that is subtle about boundaries lives here:
///
/// - A delimiter followed by anything but `--` or padding and CR LF is data. So is a lone CR, a CR
///   LF without hyphens, a boundary that is cut short. `--` makes it the close delimiter at once,
///   so that a body may end right there; whatever follows on that line belongs to the epilogue.
/// - At the start of the body and at the start of a part's content the CR LF may be missing: the
///   line before has just ended ("lines in a body-part must not start with the specified
///   dash-boundary").
/// - The search never goes back. CR stands in a delimiter only in front, LF only behind it, because
///   a `Boundary` contains neither. When a candidate fails, what it matched is therefore data as a
///   whole, and only the byte that it failed on can begin another one: no failure table, no
///   rescanning, O(1) of work for each byte whatever the sender does.
/// - A candidate that begins and fails in one piece of input is part of a long range of data. Only
///   one that reaches the end of the input has to be remembered. Its first bytes are known (they
///   are the delimiter's), so a count is enough; just what follows them is copied, up to the
///   padding limit.
struct DelimiterScanner {
    /// What the next bytes of the input turned out to be.
    enum Finding: Equatable {
        /// The input is used up.
        case needMoreData
        /// This range of the input is data.
        case data(Range<Int>)
        /// Bytes of earlier input are data: this range of `held`.
        case heldData(Range<Int>)
        /// A delimiter and its whole line have been passed.
        case delimiter
        /// A close delimiter has been passed.
        case closeDelimiter
        /// A delimiter has more padding than the limit; the offset is at the first byte too many.
        case paddingTooLong
    }

    /// How far the candidate that is being followed has come.
    private enum Stage {
        /// No candidate: the next byte may be anything.
        case searching
        /// The bytes of the delimiter have matched as far as `heldEnd`, which is not all of them.
        case matching
        /// The delimiter has matched; blanks may have followed.
        case padding
        /// The delimiter has matched and a hyphen followed.
        case hyphen
        /// The delimiter has matched, blanks may have followed, then CR.
        case carriageReturn
        /// The candidate has failed; its bytes are data.
        case refuted
        /// The candidate is a delimiter with its line.
        case delimiter
        /// The candidate is a close delimiter.
        case closeDelimiter
        /// The candidate has more padding than the limit.
        case paddingTooLong
    }

    /// The delimiter, and behind it what has followed it in the candidate: blanks, CR, or a hyphen.
    private(set) var held: [UInt8]
    private let delimiter: [UInt8]
    private let paddingLimitBytes: Int
    private var stage: Stage
    /// Where in `held` the candidate begins: 2 when its CR LF did not stand in the data.
    private var heldStart: Int
    /// How far the candidate has come.
    private var heldEnd: Int

    private static let lineEndCount = 2

    /// Begins at the start of a body.
    ///
    /// - Parameters:
    ///   - boundary: what separates the parts.
    ///   - paddingLimitBytes: how many blanks may follow it on its line.
    init(boundary: Boundary, paddingLimitBytes: Int) {
        delimiter = boundary.delimiter
        held = delimiter
        self.paddingLimitBytes = paddingLimitBytes
        stage = .matching
        heldStart = Self.lineEndCount
        heldEnd = Self.lineEndCount
    }

    /// Says that a line has just ended, so that a boundary may follow without CR LF before it.
    mutating func lineEnded() {
        begin(matched: Self.lineEndCount, from: Self.lineEndCount)
    }

    /// Looks at the next bytes.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand.
    ///   - offset: where to go on, and afterwards where the finding, and what is held, ends.
    /// - Returns: what was found; data is reported before the delimiter behind it.
    /// - Complexity: O(n) in the bytes passed over.
    mutating func next(_ input: Span<UInt8>, at offset: inout Int) -> Finding {
        guard stage != .searching else { return search(input, at: &offset) }
        follow(input, at: &offset)
        guard stage == .refuted else { return takeVerdict() }
        stage = .searching
        // A line that begins unlike any boundary has nothing held, only the CR LF implied.
        guard heldStart < heldEnd else { return search(input, at: &offset) }
        return .heldData(heldStart..<heldEnd)
    }

    /// Says what has become of the candidate, and lets go of it when it is a delimiter.
    ///
    /// Padding that is too long stays: the body is of no use any more.
    private mutating func takeVerdict() -> Finding {
        switch stage {
        case .delimiter:
            stage = .searching
            return .delimiter
        case .closeDelimiter:
            stage = .searching
            return .closeDelimiter
        case .paddingTooLong:
            return .paddingTooLong
        case .searching, .matching, .padding, .hyphen, .carriageReturn, .refuted:
            return .needMoreData
        }
    }

    /// Passes over data up to the next candidate that does not fail within the input.
    private mutating func search(_ input: Span<UInt8>, at offset: inout Int) -> Finding {
        let start = offset
        var position = offset
        while let candidate = input.firstIndex(ofWholeOrCut: delimiter, from: position) {
            begin(matched: min(delimiter.count, input.count - candidate))
            position = candidate + heldEnd
            follow(input, at: &position)
            if stage == .refuted {
                stage = .searching
                continue
            }
            offset = position
            return start < candidate ? .data(start..<candidate) : takeVerdict()
        }
        offset = input.count
        return start < offset ? .data(start..<offset) : .needMoreData
    }

    /// Begins a candidate whose first bytes are known to have matched.
    ///
    /// - Parameters:
    ///   - matched: how many.
    ///   - start: how many of them did not stand in the data.
    private mutating func begin(matched: Int, from start: Int = 0) {
        if held.count > delimiter.count { held.removeLast(held.count - delimiter.count) }
        heldStart = start
        heldEnd = matched
        stage = matched < delimiter.count ? .matching : .padding
    }

    /// Follows the candidate as far as it is decided, or to the end of the input.
    ///
    /// Afterwards the offset is behind the last byte that belongs to the candidate. A byte that
    /// refutes it does not: that one may begin the next.
    private mutating func follow(_ input: Span<UInt8>, at offset: inout Int) {
        while offset < input.count {
            let byte = input[offset]
            switch stage {
            case .matching:
                guard byte == delimiter[heldEnd] else { return stage = .refuted }
                heldEnd += 1
                if heldEnd == delimiter.count { stage = .padding }
            case .padding:
                holdPadding(input, at: &offset)
                guard offset < input.count else { return }
                stage = stageAfterPadding(input[offset])
                guard stage != .refuted && stage != .paddingTooLong else { return }
                held.append(input[offset])
                heldEnd += 1
            case .hyphen:
                stage = byte == Grammar.hyphen ? .closeDelimiter : .refuted
                if stage == .refuted { return }
            case .carriageReturn:
                stage = byte == Grammar.lf ? .delimiter : .refuted
                if stage == .refuted { return }
            case .searching, .refuted, .delimiter, .closeDelimiter, .paddingTooLong:
                return
            }
            offset += 1
        }
    }

    /// Keeps the blanks that come next, as many as are allowed.
    private mutating func holdPadding(_ input: Span<UInt8>, at offset: inout Int) {
        let allowedBytes = paddingLimitBytes - (heldEnd - delimiter.count)
        let limit = min(input.count, offset + allowedBytes)
        var end = offset
        while end < limit && Grammar.isWhitespace(input[end]) { end += 1 }
        held.append(input.extracting(offset..<end))
        heldEnd += end - offset
        offset = end
    }

    /// Decides on the byte behind a whole delimiter and the blanks that were kept.
    private func stageAfterPadding(_ byte: UInt8) -> Stage {
        if byte == Grammar.cr { return .carriageReturn }
        if byte == Grammar.hyphen && heldEnd == delimiter.count { return .hyphen }
        return Grammar.isWhitespace(byte) ? .paddingTooLong : .refuted
    }
}
