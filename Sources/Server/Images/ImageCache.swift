internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import UV

/// A loop's hot images: the bytes and a ready-made response head for each.
///
/// Ids name content, so an entry is never stale and needs no expiry. The least recently used
/// entries go when the budget is spent; the order is a doubly linked list through the entries'
/// slots.
final class ImageCache {
    /// One image.
    final class Entry {
        let id: BlobID
        let representation: ImageRepresentation
        let content: OutputChunk
        /// The fields of its responses, but for those that differ each time.
        let head: ImageHead
        /// What the ready fields say, in seconds since 1970.
        let lastModified: Int64
        /// Its id as it stands in a path.
        let name: [UInt8]
        /// Its entity tag as clients send it in `If-None-Match`.
        let quotedTag: [UInt8]

        init(_ representation: ImageRepresentation, content: OutputChunk) {
            id = representation.record.id
            name = id.hexBytes
            self.representation = representation
            lastModified = representation.lastModified.secondsSince1970
            self.content = content
            head = ImageHead(representation)
            quotedTag = Array(representation.entityTag.description.utf8)
        }
    }

    private struct Slot {
        var entry: Entry?
        var older: Int
        var newer: Int
    }

    private static let none = -1

    /// Bytes that the entries may take.
    let budgetBytes: Int
    /// Bytes that the entries take: content, head, and what an entry costs besides.
    private(set) var usedBytes = 0
    private var evicted = EvictedImages()
    /// Bytes of images that are being read from their files.
    private var loadingBytes = 0
    private var index: [BlobID: Int] = [:]
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var newest = none
    private var oldest = none

    /// What an entry costs besides its content and head: slot, index and buffer object, rounded up.
    static let entryOverheadBytes = 512
    /// Larger images are streamed from the file: they would drive out too many others for what a
    /// system call less is worth to them.
    static let contentBytesMax = BlobStoreLimits.prefetchBytes
    /// Bytes of images in memory besides the entries: those that are being read from their files,
    /// and those that slow clients still take although their entries had to go.
    ///
    /// Beyond it an image is streamed.
    static let besidesBytesMax = 64 << 20

    /// Makes an empty cache.
    ///
    /// - Parameter budgetBytes: bytes that the entries may take.
    init(budgetBytes: Int) { self.budgetBytes = budgetBytes }

    /// How many images there are.
    var count: Int { index.count }

    /// Tells whether an image of some size would be kept.
    ///
    /// - Parameter sizeBytes: the size of its content.
    /// - Returns: false when it is too large.
    func admits(sizeBytes: UInt64) -> Bool {
        sizeBytes <= UInt64(min(Self.contentBytesMax, budgetBytes / 8))
    }

    /// Asks to read an image into memory.
    ///
    /// - Parameter sizeBytes: the size of its content.
    /// - Returns: false when it is to be streamed; otherwise `loaded` follows.
    func load(sizeBytes: UInt64) -> Bool {
        guard admits(sizeBytes: sizeBytes) else { return false }
        let size = Int(sizeBytes)
        if evicted.bytes + loadingBytes + size > Self.besidesBytesMax { evicted.prune() }
        guard evicted.bytes + loadingBytes + size <= Self.besidesBytesMax else { return false }
        loadingBytes += size
        return true
    }

    /// Notes that an image was read, or could not be.
    ///
    /// - Parameter sizeBytes: as in `load`.
    func loaded(sizeBytes: UInt64) { loadingBytes -= Int(sizeBytes) }

    /// Looks an image up, and makes it the most recently used one.
    ///
    /// - Parameter id: the image.
    /// - Returns: its entry, or `nil`.
    func entry(for id: BlobID) -> Entry? {
        guard let slot = index[id] else { return nil }
        unlink(slot)
        linkAsNewest(slot)
        return slots[slot].entry
    }

    /// Looks an image up by its id as it stands in a path.
    ///
    /// - Parameter name: any bytes; what is no id names no image.
    /// - Returns: as `entry(for:)`.
    func entry(named name: Span<UInt8>) -> Entry? {
        // Many ask for one image again and again: comparing is quicker than decoding and hashing.
        if newest != Self.none, let entry = slots[newest].entry, name.equals(entry.name) {
            return entry
        }
        return BlobID(hex: name).flatMap { entry(for: $0) }
    }

    /// Keeps an image.
    ///
    /// - Parameter entry: the image; replaces an entry of the same id.
    func insert(_ entry: Entry) {
        let id = entry.id
        let cost = Self.cost(of: entry)
        guard cost <= budgetBytes else { return }
        if let slot = index[id] { remove(slot) }
        while usedBytes + cost > budgetBytes, oldest != Self.none { remove(oldest) }
        let slot = free.popLast() ?? slots.count
        let filled = Slot(entry: entry, older: Self.none, newer: Self.none)
        if slot == slots.count { slots.append(filled) } else { slots[slot] = filled }
        index[id] = slot
        usedBytes += cost
        linkAsNewest(slot)
    }

    /// Lets all entries go; those that clients still read are freed after that.
    func removeAll() {
        while oldest != Self.none { remove(oldest) }
    }

    private static func cost(of entry: Entry) -> Int {
        entry.content.buffer.capacity + entry.head.whole.count + entryOverheadBytes
    }

    private func remove(_ slot: Int) {
        guard let entry = slots[slot].entry else { return }
        unlink(slot)
        slots[slot].entry = nil
        index[entry.id] = nil
        usedBytes -= Self.cost(of: entry)
        evicted.add(entry.content.buffer, bytesMax: Self.besidesBytesMax)
        free.append(slot)
    }

    private func unlink(_ slot: Int) {
        let (older, newer) = (slots[slot].older, slots[slot].newer)
        if older == Self.none { oldest = newer } else { slots[older].newer = newer }
        if newer == Self.none { newest = older } else { slots[newer].older = older }
    }

    private func linkAsNewest(_ slot: Int) {
        slots[slot].older = newest
        slots[slot].newer = Self.none
        if newest == Self.none { oldest = slot } else { slots[newest].newer = slot }
        newest = slot
    }
}
