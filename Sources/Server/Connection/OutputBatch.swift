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
    /// Beyond so many chunks a flush is due: `IOV_MAX` is 1,024, and libuv splits no call.
    static let chunkCountMax = 256
    /// Beyond so many bytes a flush is due, since the socket takes no more at once anyway.
    static let byteCountMax = 1 << 20
    /// Pieces up to so many bytes are copied: an entry of a vector costs about as much.
    private static let copiedBytesMax = 2 << 10

    private let scratch = Buffer(capacity: scratchBytes)
    private var scratchUsed = 0
    private var chunks: [OutputChunk] = []

    private var owner: ObjectIdentifier?

    /// Bytes that wait for a flush.
    private(set) var byteCount = 0

    /// Whether nothing waits.
    var isEmpty: Bool { chunks.isEmpty }

    /// Whether a flush is due before more is added.
    var isFull: Bool {
        chunks.count >= Self.chunkCountMax || byteCount >= Self.byteCountMax
    }

    /// Gives the batch to a connection until its next flush.
    ///
    /// - Parameter connection: who is going to fill it. Were another one's bytes still in it, they
    ///   would go to the wrong client; so that mistake ends the process instead.
    /// - Returns: the batch itself.
    func claimed(by connection: ObjectIdentifier) -> OutputBatch {
        precondition(chunks.isEmpty || owner == connection, "a connection did not flush its bytes")
        owner = connection
        return self
    }

    /// Adds bytes, by copying them.
    ///
    /// - Parameter bytes: the bytes.
    func append(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        guard bytes.count <= Self.scratchBytes - scratchUsed else {
            append(OutputChunk(bytes.copy()))
            return
        }
        scratch.copy(bytes, to: scratchUsed)
        let range = scratchUsed..<scratchUsed + bytes.count
        scratchUsed = range.upperBound
        byteCount += bytes.count
        if let last = chunks.last, last.buffer === scratch,
            last.range.upperBound == range.lowerBound
        {
            chunks[chunks.count - 1] = OutputChunk(
                scratch,
                last.range.lowerBound..<range.upperBound
            )
        } else {
            chunks.append(OutputChunk(scratch, range))
        }
    }

    /// Adds a part of a buffer that will not change until it is written.
    ///
    /// - Parameter chunk: the part, at least one byte.
    func append(_ chunk: OutputChunk) {
        if chunk.range.count <= Self.copiedBytesMax,
            chunk.range.count <= Self.scratchBytes - scratchUsed
        {
            append(chunk.buffer.span.extracting(chunk.range))
            return
        }
        byteCount += chunk.range.count
        chunks.append(chunk)
    }

    /// Writes what the socket takes, and hands over the rest.
    ///
    /// - Parameter stream: where to write.
    /// - Returns: what the socket did not take yet, independent of this batch, which is empty then.
    /// - Throws: what the stream answered; the batch is empty then, too.
    func flush(to stream: Stream) throws(UVError) -> [OutputChunk] {
        defer { removeAll() }
        guard !chunks.isEmpty else { return [] }
        let written = try stream.tryWrite(chunks.span)
        if written == byteCount { return [] }
        return remainder(after: written)
    }

    /// Forgets what a connection that ends has in it.
    ///
    /// - Parameter connection: the connection; nothing happens when the batch is another's.
    func discard(of connection: ObjectIdentifier) {
        if owner == connection { removeAll() }
    }

    /// Forgets what waits.
    func removeAll() {
        chunks.removeAll(keepingCapacity: true)
        scratchUsed = 0
        byteCount = 0
    }

    /// The chunks that are left after some bytes were written; those in `scratch` are copied,
    /// because the scratch is filled again at once.
    private func remainder(after written: Int) -> [OutputChunk] {
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
