/// The bounds of the store's own memory.
package enum BlobStoreLimits {
    /// Most bytes that `open` reads ahead, in bytes; a longer wish is cut to it.
    ///
    /// What is worth keeping in a loop's cache of hot images is read whole, whence the cache's own
    /// limit is this one; larger images are streamed in pieces, so a longer head start would only
    /// cost memory for each request under way.
    package static let prefetchBytes = 8 << 20

    /// Cuts a wish to read ahead.
    ///
    /// - Parameters:
    ///   - wish: the bytes wanted.
    ///   - sizeBytes: the blob's size, in bytes.
    /// - Returns: those of them that exist, at most `prefetchBytes`.
    static func prefetchRange(
        _ wish: Range<UInt64>,
        ofBlobWith sizeBytes: UInt64
    ) -> Range<UInt64> {
        let existing = wish.clamped(to: 0..<sizeBytes)
        return existing.prefix(prefetchBytes)
    }

    /// Bytes read at once when a whole file is hashed, in bytes.
    ///
    /// Large enough for the cost of the system calls to vanish beside SHA-256's, small enough to
    /// stay in the processor's cache.
    package static let hashPieceBytes = 256 << 10

    /// Bytes of a file after which the disk is told to begin with them, in bytes.
    ///
    /// Long enough for most photographs to arrive without it, and for its system calls to vanish
    /// beside the writing; short enough that three stretches, the most under way, are soon flushed.
    static let writeBackBytes: UInt64 = 8 << 20

    /// Most names that a report lists one by one; further ones are only counted.
    ///
    /// A report is read by a person, and a folder full of strange files must not fill the memory.
    package static let reportedNames = 100
}
