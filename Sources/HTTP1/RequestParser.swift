internal import Bytes

/// Reads the requests of one connection, one after another (RFC 9112).
///
/// ```
/// head ──▶ body ──▶ end ──▶ head …        any error: failed, for good
/// ```
/// The caller gives whatever bytes it has and where to go on, and gets one event. Body bytes are
/// given out as ranges of the caller's bytes. A head that lies whole in the input is parsed where
/// it lies and copied once; of one that comes in pieces, the pieces are kept, within the limits,
/// and no byte is looked at twice. Memory is kept from request to request: once it has grown,
/// nothing is allocated. What a head far above the usual took is given back (`headAnswered`).
///
/// A client that keeps its connection sends the same fields again and again, to the byte. They are
/// compared instead of parsed: the same bytes at the same place give the same entries, and with
/// the same version the same verdict.
package struct RequestParser: ~Copyable {
    /// What was found next.
    package enum Event: Hashable, Sendable {
        /// Everything is read. `offset` is at the end of the input.
        case needMoreData
        /// `head` is filled.
        case head
        /// A part of the body, at least one byte, as a range of the input.
        case body(Range<Int>)
        /// The request is complete. The next call begins with the next request.
        case end
    }

    private enum Stage {
        case head, fixedBody(remaining: UInt64), chunkedBody, end, failed(HTTPError)
    }

    /// A field section that was accepted, with all that was decided by it: its bytes and entries
    /// are still in `head.fields`, what it says about the message in `head.control`.
    private struct KnownSection {
        /// Where it lies in its head.
        var range: Range<Int>
        /// The version of the request that it came with.
        var version: HTTPVersion
    }

    private let limits: HTTPLimits
    private var stage = Stage.head
    private var line = RequestLineParser()
    private var section: FieldSectionParser?
    private var known: KnownSection?
    /// How far the head is read; its bytes are in `head.fields.storage` when it comes in pieces.
    private var headPosition = 0
    /// Where the request line ends.
    private var sectionStart = 0
    private var chunked: ChunkedDecoder
    private var headBytes = 0
    /// The most bytes that were put together of heads in pieces, with what came behind them.
    private var piecedBytes = 0

    /// The head of the current request: valid from `.head` until the first byte of the next one.
    package private(set) var head = RequestHead()

    /// Makes a parser for one connection.
    ///
    /// - Parameter limits: how much a client may make it read and keep.
    package init(limits: HTTPLimits) {
        self.limits = limits
        chunked = ChunkedDecoder(limits: limits)
    }

    /// Whether nothing of a next request has arrived; an empty line before it is nothing.
    package var isBetweenRequests: Bool {
        guard case .head = stage else { return false }
        return line.phase == .start || line.phase == .emptyLineEnd
    }

    /// Stands for a head that is not read to its end, because it was refused or does not come: with
    /// method and target as far as they were found, and no field.
    package var unfinishedHead: RequestHead {
        RequestHead(unfinished: line, head.fields.storage)
    }

    /// The trailers of the current request; complete at `.end`.
    package var trailers: Fields { chunked.trailers }

    /// The current request was answered: nobody looks at its head any more.
    ///
    /// Gives back the memory of a large one, so that a client that sends it once does not hold it
    /// for as long as it stays connected. To be called at the end of a request, or when no further
    /// one is read.
    package mutating func headAnswered() {
        let keptBytesMax = HTTPLimits.keptHeadBytesMax
        guard headBytes > keptBytesMax || piecedBytes > keptBytesMax else { return }
        if head.framing == .chunked { chunked.reset() }
        head = RequestHead()
        known = nil
        headBytes = 0
        piecedBytes = 0
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand; what was read before need not be there any more.
    ///   - offset: the first byte not yet read, `0...input.count`; moved past what was read.
    /// - Returns: what was found.
    /// - Throws: `HTTPError` with the status to answer with, the same again on each further call.
    package mutating func next(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(HTTPError) -> Event {
        switch stage {
        case .head:
            let isComplete: Bool
            do throws(HTTPError) {
                isComplete = try readHead(input, at: &offset)
            } catch {
                // Entries of the head before must not name bytes of this one.
                forgetSection()
                throw fail(error)
            }
            return isComplete ? .head : .needMoreData
        case .fixedBody(let remaining):
            guard offset < input.count else { return .needMoreData }
            let taken = min(UInt64(input.count - offset), remaining)
            stage = taken == remaining ? .end : .fixedBody(remaining: remaining - taken)
            let range = offset..<offset + Int(taken)
            offset = range.upperBound
            return .body(range)
        case .chunkedBody:
            return try readChunked(input, at: &offset)
        case .end:
            startNextRequest()
            return .end
        case .failed(let error):
            throw error
        }
    }

    /// Reads a head, from the input as long as it is not in pieces.
    private mutating func readHead(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(HTTPError) -> Bool {
        guard offset < input.count else { return false }
        if headPosition > 0 { return try readPieces(input, at: &offset) }
        startHead()
        let rest = input.extracting(offset..<input.count)
        let isComplete: Bool
        do throws(HTTPError) {
            isComplete = try scan(rest)
        } catch {
            // Kept for `unfinishedHead`.
            head.fields.replaceStorage(with: rest.extracting(0..<headPosition))
            throw error
        }
        head.fields.replaceStorage(with: rest.extracting(0..<headPosition))
        offset += headPosition
        if isComplete { try completeHead() }
        return isComplete
    }

    /// Reads on in a head whose first bytes came earlier: the new ones are put behind them.
    private mutating func readPieces(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(HTTPError) -> Bool {
        // The bytes step aside while the entries are written.
        var storage: [UInt8] = []
        swap(&storage, &head.fields.storage)
        let known = storage.count
        // Beyond this many bytes `scan` has either finished or refused.
        let taken = min(input.count - offset, limits.headBytesMax - known)
        storage.append(input.extracting(offset..<offset + taken))
        piecedBytes = max(piecedBytes, storage.count)
        let isComplete: Bool
        do throws(HTTPError) {
            isComplete = try scan(storage.span)
        } catch {
            swap(&storage, &head.fields.storage)
            throw error
        }
        storage.removeLast(storage.count - headPosition)
        swap(&storage, &head.fields.storage)
        offset += headPosition - known
        if isComplete { try completeHead() }
        return isComplete
    }

    private mutating func scan(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        if section == nil {
            let targetBytesMax = limits.targetBytesMax
            guard try line.scan(bytes, at: &headPosition, targetBytesMax: targetBytesMax) else {
                forgetSection()
                return false
            }
            if let known, repeats(known, bytes) {
                headPosition = known.range.upperBound
                return true
            }
            forgetSection()
            sectionStart = headPosition
            section = FieldSectionParser(
                from: headPosition,
                bytesMax: limits.fieldSectionBytesMax,
                countMax: limits.fieldCountMax
            )
        }
        return try section?.scan(bytes, at: &headPosition, into: &head.fields) ?? false
    }

    /// Tells whether what follows a request line is the field section that is known.
    ///
    /// - Parameters:
    ///   - known: the section, whose bytes are still in `head.fields`.
    ///   - bytes: the new head, read up to the end of its request line.
    /// - Returns: false also when it has not arrived as a whole.
    @inline(__always)
    private func repeats(_ known: KnownSection, _ bytes: Span<UInt8>) -> Bool {
        guard headPosition == known.range.lowerBound, line.version == known.version,
            bytes.count >= known.range.upperBound
        else { return false }
        let before = head.fields.storage
        return bytes.extracting(known.range).equals(before.span.extracting(known.range))
    }

    /// Lets go of the fields of the previous request.
    private mutating func forgetSection() {
        known = nil
        head.fields.removeEntries()
    }

    private mutating func completeHead() throws(HTTPError) {
        try head.complete(line)
        if known == nil {
            try head.completeFields()
            known = KnownSection(range: sectionStart..<headPosition, version: line.version)
        }
        headBytes = headPosition
        switch head.framing {
        case .none, .contentLength(0): stage = .end
        case .contentLength(let length): stage = .fixedBody(remaining: length)
        case .chunked: stage = .chunkedBody
        }
    }

    private mutating func readChunked(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(HTTPError) -> Event {
        do throws(HTTPError) {
            switch try chunked.next(input, at: &offset) {
            case .needMoreData:
                return .needMoreData
            case .data(let range):
                return .body(range)
            case .end:
                stage = .end
                return try next(input, at: &offset)
            }
        } catch {
            throw fail(HTTPError(error.reason, at: headBytes + error.offset))
        }
    }

    /// Lets go of the previous request, now that its successor begins.
    private mutating func startHead() {
        if head.framing == .chunked { chunked.reset() }
        guard isKnownUniquelyReferenced(&head) else {
            head = RequestHead()
            known = nil
            return
        }
        head.target = nil
    }

    private mutating func startNextRequest() {
        stage = .head
        line = RequestLineParser()
        section = nil
        headPosition = 0
    }

    private mutating func fail(_ error: HTTPError) -> HTTPError {
        stage = .failed(error)
        return error
    }
}
