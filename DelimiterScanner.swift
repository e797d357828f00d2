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
///   delimiter's), so a count is enough; just the padding is copied, up to its limit.
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
        /// This many bytes of the delimiter have matched, fewer than all.
        case matching(Int)
        /// The delimiter has matched; blanks may have followed.
        case padding
        /// The delimiter has matched and `-` followed.
        case hyphen
        /// The delimiter has matched, blanks may have followed, then CR.
        case carriageReturn
        /// Decided, but data before it had to be reported first.
        case decided(Finding)
    }

    /// The delimiter, and behind it what followed it in the candidate: blanks, CR, or a hyphen.
    private(set) var held: [UInt8]
    private let delimiterCount: Int
    private let paddingLimit: Int
    private var stage: Stage
    /// Where in `held` the candidate begins: behind CR LF when those did not stand in the input.
    private var heldStart: Int

    /// Begins at the start of a body.
    ///
    /// - Parameters:
    ///   - boundary: what separates the parts.
    ///   - paddingLimit: how many blanks may follow it, in bytes.
    init(boundary: Boundary, paddingLimit: Int) {
        held = boundary.delimiter
        delimiterCount = held.count
        self.paddingLimit = paddingLimit
        stage = .matching(Self.lineEndCount)
        heldStart = Self.lineEndCount
    }

    private static let lineEndCount = 2

    /// Says that a line has just ended, so that a boundary may follow without CR LF before it.
    mutating func lineEnded() { follow(from: Self.lineEndCount) }

    /// Looks at the next bytes.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand.
    ///   - offset: where to go on, and afterwards where the finding ends.
    /// - Returns: what was found.
    /// - Complexity: O(n) in the bytes passed over, at the speed of `memchr` between CRs.
    mutating func next(_ input: Span<UInt8>, at offset: inout Int) -> Finding {
        switch stage {
        case .decided(let finding):
            if finding != .paddingTooLong { stage = .searching }
            return finding
        case .searching:
            break
        case .matching, .padding, .hyphen, .carriageReturn:
            guard advance(input, at: &offset) else {
                return report(.needMoreData)
            }
            if case .decided(let finding) = stage {
                return report(finding)
            }
            let refuted = heldStart..<heldCount
            stage = .searching
        }
        return search(input, at: &offset)
    }
}
