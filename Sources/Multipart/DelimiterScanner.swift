internal import Bytes

/// Tells content from delimiters: how many bytes are surely data, and where a boundary stands.
///
///     delimiter       := CRLF "--" boundary                         (RFC 2046 §5.1.1)
///     encapsulation   := delimiter transport-padding CRLF body-part
///     close-delimiter := delimiter "--"
///
/// All that is subtle about boundaries lives here:
///
/// - A delimiter followed by anything but `--` or padding and CR LF is data. So is a lone CR, a CR LF
///   without hyphens, a boundary that is cut short. `--` makes it the close delimiter at once, so that
///   a body may end right there; whatever follows on that line belongs to the epilogue.
/// - At the start of the body and at the start of a part's content the CR LF may be missing: the line
///   before has just ended ("lines in a body-part must not start with the specified dash-boundary").
/// - The search never goes back. CR stands in a delimiter only in front, LF only behind it, because a
///   `Boundary` contains neither. When a candidate fails, what it matched is therefore data as a
///   whole, and only the byte that it failed on can begin another one: no failure table, no
///   rescanning, O(1) of work for each byte whatever the sender does.
/// - A candidate that begins and fails in one piece of input is part of a long range of data. Only one
///   that reaches the end of the input has to be remembered. Its first bytes are known (they are the
///   delimiter's), so a count is enough; just what follows them is copied, up to the padding limit.
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
    private enum Stage: Equatable {
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
        /// The candidate is a delimiter of one kind or the other, or cannot be told from one.
        case decided(Finding)
    }

    /// The delimiter, and behind it what has followed it in the candidate: blanks, CR, or a hyphen.
    private(set) var held: [UInt8]
    private let delimiterCount: Int
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
        held = boundary.delimiter
        delimiterCount = held.count
        self.paddingLimitBytes = paddingLimitBytes
        stage = .matching
        heldStart = Self.lineEndCount
        heldEnd = Self.lineEndCount
    }

    /// Says that a line has just ended, so that a boundary may follow without CR LF before it.
    mutating func lineEnded() {
        begin(matched: Self.lineEndCount)
    }

    /// Looks at the next bytes.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand.
    ///   - offset: where to go on, and afterwards where the finding, and what is held, ends.
    /// - Returns: what was found; data is reported before the delimiter behind it.
    /// - Complexity: O(n) in the bytes passed over.
    mutating func next(_ input: Span<UInt8>, at offset: inout Int) -> Finding {
        if stage != .searching {
            follow(input, at: &offset)
            switch stage {
            case .decided(let finding):
                // Padding that is too long stays so: the body is of no use any more.
                if finding != .paddingTooLong { stage = .searching }
                return finding
            case .refuted:
                stage = .searching
                let range = heldStart..<heldEnd
                // A line that begins like no boundary has nothing held, only the CR LF implied.
                if !range.isEmpty { return .heldData(range) }
            case .searching, .matching, .padding, .hyphen, .carriageReturn:
                return .needMoreData
            }
        }
        return search(input, at: &offset)
    }

    /// Passes over data up to the next candidate that does not fail within the input.
    private mutating func search(_ input: Span<UInt8>, at offset: inout Int) -> Finding {
        let start = offset
        var position = offset
        while let candidate = input.firstIndex(of: Grammar.cr, from: position) {
            position = candidate
            begin(matched: 0)
            follow(input, at: &position)
            if stage == .refuted {
                stage = .searching
                continue
            }
            offset = position
            if start < candidate { return .data(start..<candidate) }
            guard case .decided(let finding) = stage else { return .needMoreData }
            if finding != .paddingTooLong { stage = .searching }
            return finding
        }
        offset = input.count
        return start < offset ? .data(start..<offset) : .needMoreData
    }

    /// Begins a candidate of which the given number of bytes is known to have matched.
    private mutating func begin(matched: Int) {
        if held.count > delimiterCount { held.removeLast(held.count - delimiterCount) }
        heldStart = matched
        heldEnd = matched
        stage = .matching
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
                guard byte == held[heldEnd] else { return stage = .refuted }
                heldEnd += 1
                if heldEnd == delimiterCount { stage = .padding }
            case .padding:
                guard let next = stageAfterPadding(byte) else { return stage = .refuted }
                stage = next
                guard next != .decided(.paddingTooLong) else { return }
                held.append(byte)
                heldEnd += 1
            case .hyphen:
                guard byte == Grammar.hyphen else { return stage = .refuted }
                stage = .decided(.closeDelimiter)
            case .carriageReturn:
                guard byte == Grammar.lf else { return stage = .refuted }
                stage = .decided(.delimiter)
            case .searching, .refuted, .decided:
                return
            }
            offset += 1
        }
    }

    /// Decides on a byte behind a whole delimiter and perhaps blanks; `nil` when it makes all that data.
    private func stageAfterPadding(_ byte: UInt8) -> Stage? {
        let paddingBytes = heldEnd - delimiterCount
        if byte == Grammar.cr { return .carriageReturn }
        if byte == Grammar.hyphen && paddingBytes == 0 { return .hyphen }
        guard Grammar.isWhitespace(byte) else { return nil }
        return paddingBytes < paddingLimitBytes ? .padding : .decided(.paddingTooLong)
    }
}
