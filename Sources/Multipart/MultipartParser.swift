internal import Bytes

/// Reads a `multipart/form-data` body as it arrives, in whatever pieces it arrives.
///
///     multipart-body := [preamble CRLF] dash-boundary transport-padding CRLF body-part
///                       *encapsulation close-delimiter transport-padding [CRLF epilogue]
///                                                                   (RFC 2046 §5.1.1)
///
///                 delimiter               empty line                delimiter
///     preamble ───────────────▶ head ──────────────────▶ content ───────────────┐
///        │                       ▲                          │                   │
///        │ close delimiter       └──────────────────────────│───────────────────┘
///        └──────────▶ epilogue ◀────────────────────────────┘ close delimiter
///
/// The content of parts is given out as ranges of the caller's own bytes and never copied. Only
/// what a cut leaves undecided is kept: the started header section of a part, and how far a
/// possible delimiter has come. A parser that has thrown throws the same error ever after.
package struct MultipartParser: ~Copyable {
    /// What the next bytes mean.
    package enum Event: Hashable, Sendable {
        /// The input is used up; nothing of it is needed any more.
        case needMoreData
        /// A part begins; its content follows.
        case partBegan(PartHead)
        /// Content of the part: a range of the caller's input, never empty.
        case content(Range<Int>)
        /// Content of the part that earlier input ended in and that looked like the beginning of a
        /// delimiter: a range of `delimiterBytes`, never empty, valid until the next call.
        case heldContent(Range<Int>)
        /// The part's content is complete.
        case partEnded
        /// The close delimiter has been read. What comes after it is the epilogue, which is passed
        /// over; it is bounded by whoever bounds the body.
        case end
    }

    private enum State {
        case preamble(sizeBytes: Int)
        /// Behind a delimiter, before the part's header section.
        case opening
        case head
        case content
        /// Behind the close delimiter, which has not been reported yet.
        case closing
        case epilogue
        case failed(MultipartError)
    }

    private let limits: MultipartLimits
    private var scanner: DelimiterScanner
    /// Not the payload of `.head`: taking it out and putting it back would copy its line each time.
    private var head: PartHeadParser
    private var state: State = .preamble(sizeBytes: 0)
    private var partCount = 0
    /// How many bytes of the body have been taken, for the offsets in errors.
    private var bodyOffset = 0

    /// Begins at the start of a body.
    ///
    /// - Parameters:
    ///   - boundary: the boundary that the content type names.
    ///   - limits: how much of everything there may be.
    package init(boundary: Boundary, limits: MultipartLimits = MultipartLimits()) {
        self.limits = limits
        scanner = DelimiterScanner(
            boundary: boundary,
            paddingLimitBytes: limits.transportPaddingBytes.bytes
        )
        head = PartHeadParser(limits: limits)
    }

    /// The delimiter, and behind it what followed it in the last candidate: what `.heldContent` is
    /// a range of.
    package var delimiterBytes: [UInt8] { scanner.held }

    /// Takes the next bytes of the body, as far as one event goes.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand; the same ones until the event is `.needMoreData`.
    ///   - offset: where in the input to go on, and afterwards where the event ends.
    /// - Returns: what the bytes mean.
    /// - Throws: `MultipartError` (400, 413 or 431) for the first byte that cannot be accepted,
    ///   after the events of all bytes before it.
    /// - Complexity: O(n) in the bytes taken.
    package mutating func next(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(MultipartError) -> Event {
        do throws(MultipartError) {
            while true {
                if let event = try step(input, at: &offset) { return event }
            }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Says that the body has ended.
    ///
    /// - Throws: `MultipartError` `.endsEarly` (400) unless the close delimiter has been read, or
    ///   the error that was thrown before.
    package mutating func finish() throws(MultipartError) {
        switch state {
        case .closing, .epilogue: return
        case .failed(let error): throw error
        case .preamble, .opening, .head, .content:
            let error = MultipartError.endsEarly(offsetBytes: bodyOffset)
            state = .failed(error)
            throw error
        }
    }

    /// Goes one step; `nil` when it led to no event but another state.
    private mutating func step(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(MultipartError) -> Event? {
        let start = offset
        defer { bodyOffset += offset - start }
        switch state {
        case .preamble(let sizeBytes):
            return try skipPreamble(input, at: &offset, sizeBytes: sizeBytes)
        case .opening:
            try openPart()
            return nil
        case .head:
            guard let partHead = try head.next(input, at: &offset) else { return .needMoreData }
            state = .content
            scanner.lineEnded()
            return .partBegan(partHead)
        case .content:
            return try readContent(input, at: &offset)
        case .closing:
            state = .epilogue
            return .end
        case .epilogue:
            offset = input.count
            return .needMoreData
        case .failed(let error):
            throw error
        }
    }
}

extension MultipartParser {
    private mutating func skipPreamble(
        _ input: Span<UInt8>,
        at offset: inout Int,
        sizeBytes: Int
    ) throws(MultipartError) -> Event? {
        let start = offset
        switch scanner.next(input, at: &offset) {
        case .needMoreData: return .needMoreData
        case .data(let range), .heldData(let range):
            let limitBytes = limits.preambleBytes.bytes
            guard range.count <= limitBytes - sizeBytes else {
                throw .preambleTooLong(offsetBytes: limitBytes, limitBytes: limitBytes)
            }
            state = .preamble(sizeBytes: sizeBytes + range.count)
        case .delimiter:
            state = .opening
        case .closeDelimiter:
            state = .closing
        case .paddingTooLong:
            throw paddingTooLong(at: bodyOffset + offset - start)
        }
        return nil
    }

    private mutating func openPart() throws(MultipartError) {
        guard partCount < limits.parts else {
            throw .tooManyParts(offsetBytes: bodyOffset, limit: limits.parts)
        }
        partCount += 1
        head.begin(at: bodyOffset)
        state = .head
    }

    private mutating func readContent(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(MultipartError) -> Event {
        let start = offset
        switch scanner.next(input, at: &offset) {
        case .needMoreData: return .needMoreData
        case .data(let range): return .content(range)
        case .heldData(let range): return .heldContent(range)
        case .delimiter:
            state = .opening
            return .partEnded
        case .closeDelimiter:
            state = .closing
            return .partEnded
        case .paddingTooLong:
            throw paddingTooLong(at: bodyOffset + offset - start)
        }
    }

    private func paddingTooLong(at offsetBytes: Int) -> MultipartError {
        let limitBytes = limits.transportPaddingBytes.bytes
        return .transportPaddingTooLong(offsetBytes: offsetBytes, limitBytes: limitBytes)
    }
}
