internal import Bytes
internal import UV

/// What a loop is about to write to one connection, gathered so that it takes one system call.
///
/// Each loop has one. A callback fills it for the connection that it serves and flushes it before
/// it returns; pipelined requests that came in one read are thereby answered in one write. Small
/// pieces are copied into `scratch`, large ones are named where they lie.
final class OutputBatch {
    /// Bytes of `scratch`: room for the heads of dozens of pipelined responses.
    static let scratchBytes = 64 << 10
    /// When so little of `scratch` is left a flush is due: the head of one more response.
    static let scratchSpareBytes = 4 << 10
    /// Beyond so many chunks a flush is due: `IOV_MAX` is 1,024, and libuv splits no call.
    static let chunkCountMax = 256
    /// Beyond so many bytes a flush is due, since the socket takes no more at once anyway.
    static let byteCountMax = 1 << 20
    /// Pieces up to so many bytes are copied: an entry of a vector costs about as much.
    private static let copiedBytesMax = 2 << 10

    private let scratch = Buffer(capacity: scratchBytes)
    private var scratchUsed = 0
    /// How much of `scratch` is in `chunks` already: what was copied since joins one chunk.
    private var scratchNamed = 0
    private var chunks: [OutputChunk] = []
    /// Bytes of the chunks that lie elsewhere.
    private var bytesElsewhere = 0

    private var owner: ObjectIdentifier?

    /// Bytes that wait for a flush.
    var byteCount: Int { scratchUsed + bytesElsewhere }

    /// Whether nothing waits.
    var isEmpty: Bool { byteCount == 0 }

    /// Whether a flush is due before more is added.
    var isFull: Bool {
        chunks.count >= Self.chunkCountMax || byteCount >= Self.byteCountMax
            || scratchUsed > Self.scratchBytes - Self.scratchSpareBytes
    }

    /// Gives the batch to a connection until its next flush.
    ///
    /// - Parameter connection: who is going to fill it. Were another one's bytes still in it, they
    ///   would go to the wrong client; so that mistake ends the process instead.
    /// - Returns: the batch itself.
    func claimed(by connection: ObjectIdentifier) -> OutputBatch {
        precondition(isEmpty || owner == connection, "a connection did not flush its bytes")
        owner = connection
        return self
    }

    /// Adds bytes, by copying them.
    ///
    /// - Parameter bytes: the bytes.
    func append(_ bytes: Span<UInt8>) {
        guard bytes.count <= Self.scratchBytes - scratchUsed else {
            append(OutputChunk(bytes.copy()))
            return
        }
        scratch.copy(bytes, to: scratchUsed)
        scratchUsed += bytes.count
    }

    /// Adds a number in decimal digits.
    ///
    /// - Parameter value: the number, not negative.
    func appendDecimal(_ value: Int) {
        var digits: [20 of UInt8] = .init(repeating: 0)  // 2^64 has 20
        var start = digits.count
        var rest = value
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        append(digits.span.extracting(start..<digits.count))
    }

    /// Adds a part of a buffer that will not change until it is written.
    ///
    /// - Parameter chunk: the part, at least one byte.
    func append(_ chunk: consuming OutputChunk) {
        if chunk.range.count <= Self.copiedBytesMax,
            chunk.range.count <= Self.scratchBytes - scratchUsed
        {
            append(chunk.buffer.span.extracting(chunk.range))
            return
        }
        nameScratch()
        bytesElsewhere += chunk.range.count
        chunks.append(chunk)
    }

    /// Makes a chunk of what was copied since the last one.
    private func nameScratch() {
        guard scratchNamed < scratchUsed else { return }
        chunks.append(OutputChunk(scratch, scratchNamed..<scratchUsed))
        scratchNamed = scratchUsed
    }

    /// Writes what the socket takes, and hands over the rest.
    ///
    /// - Parameter stream: where to write.
    /// - Returns: what the socket did not take yet, independent of this batch, which is empty then.
    /// - Throws: what the stream answered; the batch is empty then, too.
    func flush(to stream: Stream) throws(UVError) -> [OutputChunk] {
        defer { removeAll() }
        nameScratch()
        guard !chunks.isEmpty else { return [] }
        // Taken out for the call, so that the span is of a variable of our own, not of a property.
        var pending: [OutputChunk] = []
        swap(&pending, &chunks)
        defer { swap(&pending, &chunks) }
        let written = try stream.tryWrite(pending.span)
        if written == byteCount { return [] }
        return remainder(of: pending, after: written)
    }

    /// Forgets what a connection that ends has in it.
    ///
    /// - Parameter connection: the connection; nothing happens when the batch is another's.
    func discard(of connection: ObjectIdentifier) {
        if owner == connection { removeAll() }
    }

    /// Forgets what waits.
    func removeAll() {
        // One by one: they are one or two mostly, for which `removeAll` costs several times more.
        while !chunks.isEmpty { chunks.removeLast() }
        scratchUsed = 0
        scratchNamed = 0
        bytesElsewhere = 0
    }

    /// The chunks that are left after some bytes were written; those in `scratch` are copied,
    /// because the scratch is filled again at once.
    private func remainder(
        of chunks: [OutputChunk],
        after written: Int
    ) -> [OutputChunk] {
        let copied = scratch
        var skipped = written
        var rest: [OutputChunk] = []
        for chunk in chunks {
            if skipped >= chunk.range.count {
                skipped -= chunk.range.count
                continue
            }
            let range = chunk.range.lowerBound + skipped..<chunk.range.upperBound
            skipped = 0
            if chunk.buffer === copied {
                rest.append(OutputChunk(copied.span.copy(range)))
            } else {
                rest.append(OutputChunk(chunk.buffer, range))
            }
        }
        return rest
    }
}
