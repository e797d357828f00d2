internal import UV

/// Images that the cache has let go and that slow clients still read from memory.
///
/// Without a bound a client could make the cache drop image after image while it keeps each of
/// them alive by not taking it. Who reads what is not noted: a weak reference tells whether anybody
/// does.
struct EvictedImages {
    private struct Image {
        weak var buffer: Buffer?
        let bytes: Int
    }

    private var images: [Image] = []
    /// Bytes of them, those included that were freed since the last look.
    private(set) var bytes = 0

    /// Notes that the cache lets an image go.
    ///
    /// - Parameters:
    ///   - buffer: its bytes.
    ///   - bytesMax: beyond so many bytes those that are free by now are forgotten.
    mutating func add(_ buffer: Buffer, bytesMax: Int) {
        // With what noting it costs, so that a great many tiny images are bounded, too.
        let cost = buffer.capacity + ImageCache.entryOverheadBytes
        images.append(Image(buffer: buffer, bytes: cost))
        bytes += cost
        if bytes > bytesMax { prune() }
    }

    /// Forgets those that nobody reads any more.
    mutating func prune() {
        images.removeAll { $0.buffer == nil }
        bytes = images.reduce(0) { $0 + $1.bytes }
    }
}
