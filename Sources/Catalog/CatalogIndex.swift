internal import Bytes

/// Everything the catalog knows, in memory, with the aggregates kept up to date.
///
/// A value without locks or input and output. Each operation is O(1) in the number of images, at worst
/// as long as the growing of one small table takes (see `ShardedIndex` and `ChunkedArray`).
///
/// An image takes 64 bytes in its chunk and 4 bytes for a slot in an index that is filled between three
/// eighths and three quarters: 69 to 75 bytes, against the design's limit of 120.
struct CatalogIndex: Sendable {
    /// 4,096 images of 64 bytes are 256 KiB, which is what a copy of a partial chunk costs at most.
    static let chunkBits = 12

    private(set) var images = ChunkedArray<StoredImage>(chunkBits: chunkBits)
    private(set) var cameras: CameraTable
    private(set) var links = LinkTable()
    private var index: ShardedIndex
    private var imagesByDay: [Int64: UInt64] = [:]
    private var imagesByKind = [UInt64](repeating: 0, count: Int(UInt8.max) + 1)
    private var totalBytes: UInt64 = 0
    private let hashKey: UInt64

    /// Makes an empty index.
    ///
    /// - Parameters:
    ///   - limits: what it takes on.
    ///   - expectedImageCount: images that will surely come.
    init(limits: CatalogLimits, expectedImageCount: Int = 0) {
        cameras = CameraTable(limit: limits.cameras)
        index = ShardedIndex(expectedCount: expectedImageCount)
        hashKey = UInt64.random(in: .min ... .max)
    }

    // MARK: Images

    /// Looks an image up.
    ///
    /// - Parameter id: its name.
    /// - Returns: its record, or `nil` when it is not known.
    func image(_ id: BlobID) -> ImageRecord? {
        find(id).map { record(of: images[$0]) }
    }

    /// Tells whether an image is known.
    ///
    /// - Parameter id: its name.
    /// - Returns: true when it is.
    func contains(_ id: BlobID) -> Bool { find(id) != nil }

    /// Adds an image and counts it.
    ///
    /// - Parameter image: its record.
    /// - Returns: false when it is known already; it is then left as it is.
    @discardableResult
    mutating func add(_ image: ImageRecord) -> Bool {
        let hash = hash(of: image.id)
        guard find(image.id, hash: hash) == nil else { return false }
        let camera = cameras.number(of: image.camera.map { Array($0.utf8) })
        insert(StoredImage(image, camera: camera), hash: hash)
        return true
    }

    /// Adds an image whose camera has its number already, as it comes from a snapshot.
    ///
    /// - Parameter image: the image; its camera's number is known here.
    /// - Returns: false when it is known already.
    mutating func add(_ image: StoredImage) -> Bool {
        let hash = hash(of: image.id)
        guard find(image.id, hash: hash) == nil else { return false }
        insert(image, hash: hash)
        return true
    }

    /// Gives a camera its number, in the order of a snapshot.
    ///
    /// - Parameter name: UTF-8, not empty.
    /// - Returns: its number.
    mutating func addCamera(_ name: [UInt8]) -> UInt32 { cameras.number(of: name) }

    /// Turns an image as it is stored into a record.
    ///
    /// - Parameter image: an image of this index.
    /// - Returns: its record.
    func record(of image: StoredImage) -> ImageRecord {
        let camera = image.camera == CameraTable.none ? nil : cameras.name(of: image.camera)
        return image.record(camera: camera)
    }

    private mutating func insert(_ image: StoredImage, hash: UInt64) {
        Self.insert(images.count, hash: hash, key: hashKey, known: images, into: &index)
        images.append(image)
        imagesByDay[ImageRecord.day(of: image.firstUpload), default: 0] += 1
        imagesByKind[Int(image.kind.rawValue)] += 1
        totalBytes &+= image.sizeBytes
        cameras.count(image.camera)
    }

    /// Enters the number of a new image.
    ///
    /// Static, because a closure over `self` could not read the images while the index changes. No
    /// copy of `images` may outlive the call, or the next append would have to copy its last chunk.
    private static func insert(
        _ number: Int,
        hash: UInt64,
        key: UInt64,
        known images: ChunkedArray<StoredImage>,
        into index: inout ShardedIndex
    ) {
        index.insert(number, hash: hash, hashOf: { Self.hash(of: images[$0].id, key: key) })
    }

    private func find(_ id: BlobID) -> Int? { find(id, hash: hash(of: id)) }

    private func find(_ id: BlobID, hash: UInt64) -> Int? {
        index.find(hash: hash, matches: { images[$0].id == id })
    }

    private func hash(of id: BlobID) -> UInt64 { Self.hash(of: id, key: hashKey) }

    /// Mixes the digest with a key of this process.
    ///
    /// A client can choose images whose digests begin alike, and would otherwise fill one shard with
    /// them. The multiplier is 2^64 over the golden ratio, as in Fibonacci hashing.
    private static func hash(of id: BlobID, key: UInt64) -> UInt64 {
        (id.words.first ^ key) &* 0x9E37_79B9_7F4A_7C15
    }

    // MARK: Links

    /// Adds a link.
    ///
    /// - Parameter link: the link.
    mutating func add(_ link: UploadLink) { links.add(link) }

    /// Forgets a few of the links that expired long ago.
    ///
    /// - Parameter now: seconds since 1970.
    mutating func forgetLinks(now: Int64) { links.forget(now: now) }

    // MARK: Statistics

    /// Reads the aggregates.
    ///
    /// - Parameter today: the last of the thirty days, in days since 1970.
    /// - Returns: the aggregates.
    /// - Complexity: O(1) in the number of images.
    func statistics(today: Int64) -> Statistics {
        let formats = ImageKind.allCases
            .map { Statistics.Format(kind: $0, images: imagesByKind[Int($0.rawValue)]) }
            .filter { $0.images > 0 }
            .sorted { left, right in
                left.images == right.images
                    ? left.kind.name.utf8.lexicographicallyPrecedes(right.kind.name.utf8)
                    : left.images > right.images
            }
        return Statistics(
            days: (0..<Statistics.dayCount).reversed().map { age in
                let day = today &- Int64(age)
                return Statistics.Day(day: day, images: imagesByDay[day] ?? 0)
            },
            formats: formats,
            cameras: cameras.mostFrequent,
            images: UInt64(images.count),
            bytes: totalBytes
        )
    }
}
