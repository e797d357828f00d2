internal import Bytes

/// Takes the chunked transfer coding off a body (RFC 9112 §7.1).
///
/// ```
/// line ──▶ data ──▶ dataCR ──▶ dataLF ──▶ line …
///   └──(size 0)──▶ trailers ──▶ done
/// ```
/// Chunk data is given out as ranges of the caller's bytes. Extensions are checked and ignored;
/// trailers are checked, kept apart, and never become header fields (RFC 9110 §6.5.1).
package struct ChunkedDecoder {
    /// What was found next.
    package enum Event: Hashable, Sendable {
        case needMoreData
        /// Chunk data, at least one byte, as a range of the input.
        case data(Range<Int>)
        case end
    }

    private enum Phase { case line, data, dataCR, dataLF, trailers, done }

    private let limits: HTTPLimits
    private var phase = Phase.line
    private var line = ChunkLineParser()
    /// Bytes of the chunk that are still to come.
    private var remaining: UInt64 = 0
    private var trailerParser: FieldSectionParser
    private var trailerPosition = 0
    /// The trailers; complete once `.end` was given.
    package private(set) var trailers = Fields()
    /// Bytes read so far, for the offsets of errors.
    private(set) var bytesRead = 0

    /// Makes a decoder for one body.
    ///
    /// - Parameter limits: bounds extensions and trailers.
    package init(limits: HTTPLimits) {
        self.limits = limits
        trailerParser = Self.trailerParser(limits)
    }

    /// Starts over for the next body, keeping the memory of the trailers.
    package mutating func reset() {
        phase = .line
        line = ChunkLineParser()
        remaining = 0
        trailerParser = Self.trailerParser(limits)
        trailerPosition = 0
        trailers.removeAll()
        bytesRead = 0
    }

    private static func trailerParser(_ limits: HTTPLimits) -> FieldSectionParser {
        FieldSectionParser(
            from: 0,
            bytesMax: limits.trailerSectionBytesMax,
            countMax: limits.trailerCountMax
        )
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - input: the bytes at hand.
    ///   - offset: the first byte not yet read; moved past what was read.
    /// - Returns: what was found.
    /// - Throws: `HTTPError` at the first byte that cannot belong to a chunked body; its offset
    ///   counts from the body's first byte.
    package mutating func next(
        _ input: Span<UInt8>,
        at offset: inout Int
    ) throws(HTTPError) -> Event {
        let start = offset
        defer { bytesRead += offset - start }
        while offset < input.count {
            let position = bytesRead + offset - start
            switch phase {
            case .line:
                if try line.take(input[offset], position, limits) { startChunk() }
                offset += 1
            case .data:
                return takeData(input, at: &offset)
            case .dataCR:
                try expect(Grammar.carriageReturn, input[offset], position)
                offset += 1
                phase = .dataLF
            case .dataLF:
                try expect(Grammar.lineFeed, input[offset], position)
                offset += 1
                phase = .line
            case .trailers:
                guard try readTrailers(input, at: &offset, position) else { return .needMoreData }
                phase = .done
                return .end
            case .done:
                return .end
            }
        }
        return phase == .done ? .end : .needMoreData
    }

    private mutating func startChunk() {
        remaining = line.size
        phase = remaining == 0 ? .trailers : .data
        line.nextChunk()
    }

    private mutating func takeData(_ input: Span<UInt8>, at offset: inout Int) -> Event {
        let taken = min(UInt64(input.count - offset), remaining)
        remaining -= taken
        if remaining == 0 { phase = .dataCR }
        let range = offset..<offset + Int(taken)
        offset = range.upperBound
        return .data(range)
    }

    private func expect(
        _ expected: UInt8,
        _ byte: UInt8,
        _ position: Int
    ) throws(HTTPError) {
        guard byte == expected else { throw HTTPError(.invalidChunkEnd, at: position) }
    }

    /// Reads trailers.
    ///
    /// They are rare and small, so that their bytes are always copied first.
    private mutating func readTrailers(
        _ input: Span<UInt8>,
        at offset: inout Int,
        _ position: Int
    ) throws(HTTPError) -> Bool {
        let known = trailers.storage.count
        let sectionPosition = position - known
        let taken = min(input.count - offset, limits.trailerSectionBytesMax - known)
        // The bytes step aside while the entries are written, so that one does not wait for the
        // other.
        var storage: [UInt8] = []
        swap(&storage, &trailers.storage)
        storage.append(input.extracting(offset..<offset + taken))
        let isComplete: Bool
        do throws(HTTPError) {
            isComplete = try trailerParser.scan(storage.span, at: &trailerPosition, into: &trailers)
        } catch {
            throw HTTPError(error.reason, at: sectionPosition + error.offset)
        }
        storage.removeLast(storage.count - trailerPosition)
        swap(&storage, &trailers.storage)
        offset += trailerPosition - known
        if isComplete { try refuseForbidden(sectionPosition) }
        return isComplete
    }

    /// RFC 9110 §6.5.1: fields that frame or route a message have no meaning after its body.
    ///
    /// Whoever sends them there wants some reader to merge them.
    private func refuseForbidden(_ sectionPosition: Int) throws(HTTPError) {
        for name in [FieldName.contentLength, .transferEncoding, .host] {
            guard let index = trailers.firstIndex(of: name) else { continue }
            let offset = sectionPosition + Int(trailers.entries[index].nameStart)
            throw HTTPError(.forbiddenTrailer, at: offset)
        }
    }
}
