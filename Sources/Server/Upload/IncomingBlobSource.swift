internal import BlobStore
internal import Bytes
internal import ImageFormat
internal import UV

/// Lets the header readers see what has arrived of a file.
///
/// Most files are looked at while the bytes that they begin with are still in memory, many when
/// all of them are; only what is not is read back from the disk.
struct IncomingBlobSource: ImageSource {
    private let blob: IncomingBlob
    private let inHand: BytesInHand
    let availableBytes: UInt64
    let isComplete: Bool

    /// Makes a source of what a blob has now.
    ///
    /// - Parameters:
    ///   - blob: the file.
    ///   - inHand: the parts of it that are in memory.
    ///   - isComplete: whether it is the whole file.
    init(blob: IncomingBlob, inHand: BytesInHand, isComplete: Bool) {
        self.blob = blob
        self.inHand = inHand
        self.isComplete = isComplete
        availableBytes = blob.sizeBytes
    }

    func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        if let bytes = inHand.bytes(at: offset, count: count) { return bytes }
        var bytes = [UInt8](repeating: 0, count: count)
        let filled: Int
        do throws(BlobStoreError) {
            var span = bytes.mutableSpan
            filled = try blob.read(into: &span, at: offset)
        } catch {
            throw .sourceFailed("\(error)")
        }
        if filled < count {
            guard isComplete else { throw .needMoreData }
            bytes.removeLast(count - filled)
        }
        return bytes
    }
}

/// The parts of a file that are in the buffers of the piece being worked on.
///
/// As many as a buffer has room for stretches that are not gathered, 64 or so; the bytes of a file
/// mostly are one.
struct BytesInHand: Sendable {
    private struct Stretch: Sendable {
        let offset: UInt64
        let buffer: Buffer
        let range: Range<Int>
    }

    private var stretches: [Stretch] = []

    /// Has nothing in hand.
    init() {}

    /// Adds a stretch.
    ///
    /// - Parameters:
    ///   - buffer: the memory, not changed as long as this value exists.
    ///   - range: the bytes in it.
    ///   - offset: where the first of them stands in the file.
    mutating func add(_ buffer: Buffer, _ range: Range<Int>, at offset: UInt64) {
        stretches.append(Stretch(offset: offset, buffer: buffer, range: range))
    }

    /// Copies bytes of the file.
    ///
    /// - Parameters:
    ///   - offset: where the first of them stands in the file.
    ///   - count: how many.
    /// - Returns: all of them, or `nil` when they are not in one stretch.
    func bytes(at offset: UInt64, count: Int) -> [UInt8]? {
        for stretch in stretches where offset >= stretch.offset {
            let skipped = offset - stretch.offset
            let length = UInt64(stretch.range.count)
            guard skipped <= length, UInt64(count) <= length - skipped else { continue }
            let start = stretch.range.lowerBound + Int(skipped)
            let buffer = stretch.buffer
            return buffer.span.copy(start..<start + count)
        }
        return nil
    }
}
