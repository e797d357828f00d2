internal import Bytes

/// Where the header readers get a file's bytes from: all of it, or as much as has arrived.
///
/// Random access, because formats put their numbers where they like: a TIFF directory is often at
/// the end of the file. The bytes that have arrived never change, so a question about them that has
/// been answered once is answered for good.
package protocol ImageSource {
    /// How many bytes, counted from the start of the file, can be read now.
    var availableBytes: UInt64 { get }

    /// Whether the available bytes are the whole file.
    var isComplete: Bool { get }

    /// Reads bytes of the file.
    ///
    /// - Parameters:
    ///   - offset: the first byte, counted from the start of the file.
    ///   - count: how many bytes, at most a few hundred.
    /// - Returns: exactly `count` bytes, fewer only at the end of a complete source.
    /// - Throws: `.needMoreData` when an incomplete source does not reach that far yet;
    ///   `.sourceFailed` when reading fails.
    mutating func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8]
}

/// A source whose bytes are in memory.
package struct ArrayImageSource: ImageSource, Sendable {
    private let bytes: [UInt8]
    package let isComplete: Bool

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - bytes: the file from its first byte on.
    ///   - isComplete: whether `bytes` is the whole file.
    package init(_ bytes: [UInt8], isComplete: Bool) {
        self.bytes = bytes
        self.isComplete = isComplete
    }

    package var availableBytes: UInt64 { UInt64(bytes.count) }

    package func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        let start = Int(min(offset, availableBytes))
        let end = min(bytes.count, start + count)
        if end - start < count, !isComplete { throw .needMoreData }
        return Array(bytes[start..<end])
    }
}
