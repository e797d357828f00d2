import ImageFormat

/// A file in memory, of which only the first bytes need be given, that counts what is read of it.
struct CountingImageSource: ImageSource {
    private let head: [UInt8]
    private let filler: UInt8
    let availableBytes: UInt64
    let isComplete: Bool

    /// Calls of `read`.
    private(set) var reads = 0
    /// Bytes that `read` gave out.
    private(set) var bytes = 0

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - head: its first bytes.
    ///   - filler: the byte that all others are.
    ///   - count: how many bytes there are in all; those of `head` when not given.
    ///   - isComplete: whether they are the whole file.
    init(_ head: [UInt8], filler: UInt8 = 0, count: UInt64? = nil, isComplete: Bool = true) {
        self.head = head
        self.filler = filler
        availableBytes = count ?? UInt64(head.count)
        self.isComplete = isComplete
    }

    mutating func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        reads += 1
        let start = min(offset, availableBytes)
        let end = min(availableBytes, start + UInt64(count))
        if end - start < UInt64(count), !isComplete { throw .needMoreData }
        bytes += Int(end - start)
        let given = min(start, UInt64(head.count))..<min(end, UInt64(head.count))
        let rest = Int(end - start) - given.count
        return head[Int(given.lowerBound)..<Int(given.upperBound)]
            + [UInt8](repeating: filler, count: rest)
    }
}
