internal import Bytes

/// Everything the catalog knows, in memory, with the aggregates kept up to date.
///
/// A value without locks or input and output. Each operation is O(1) in the number of images, at
/// worst as long as the growing of one small table takes (see `ShardedIndex` and `ChunkedArray`).
///
/// An image takes 64 bytes in its chunk and 8 bytes for a slot in an index that is filled between
/// three eighths and three quarters: 75 to 86 bytes, against the design's limit of 120.
struct CatalogIndex: Sendable {
    /// 4,096 images of 64 bytes are 256 KiB, which is what a copy of a partial chunk costs at most.
    static let chunkBits = 12

    private(set) var images = ChunkedArray<StoredImage>(chunkBits: chunkBits)
    private(set) var cameras: CameraTable
    private(set) var links = LinkTable()
    private var index = ShardedIndex()
    private var imagesByDay: [Int64: UInt64] = [:]
    private var imagesByKind = [UInt64](repeating: 0, count: Int(UInt8.max) + 1)
    private var totalBytes: UInt64 = 0
    private let hashKey: UInt64

    /// Makes an empty index.
    ///
    /// - Parameter limits: what it takes on.
    init(limits: CatalogLimits) {
        cameras = CameraTable(limit: limits.cameras)
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
        index.insert(images.count, hash: hash)
        append(StoredImage(image, camera: camera))
        return true
    }

    /// Adds an image of a snapshot, to be found from `finishLoading` on.
    ///
    /// - Parameters:
    ///   - image: the image; its camera's number is known here.
    ///   - builder: where it is entered.
    mutating func load(_ image: StoredImage, into builder: inout ShardedIndex.Builder) {
        builder.append(hash: hash(of: image.id))
        append(image)
    }

    /// Makes the images of a snapshot found.
    ///
    /// - Parameter builder: where all images are entered.
    /// - Returns: false when an image came twice.
    mutating func finishLoading(_ builder: consuming ShardedIndex.Builder) -> Bool {
        guard let built = builder.build(areEqual: { images[$0].id == images[$1].id }) else {
            return false
        }
        index = built
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

    private mutating func append(_ image: StoredImage) {
        images.append(image)
        imagesByDay[ImageRecord.day(of: image.firstUpload), default: 0] += 1
        imagesByKind[Int(image.kind.rawValue)] += 1
        totalBytes &+= image.sizeBytes
        cameras.count(image.camera)
    }

    private func find(_ id: BlobID) -> Int? { find(id, hash: hash(of: id)) }

    private func find(_ id: BlobID, hash: UInt64) -> Int? {
        index.find(hash: hash, matches: { images[$0].id == id })
    }

    /// Mixes the digest with a key of this process.
    ///
    /// A client can choose images whose digests begin alike, and would otherwise fill one shard
    /// with them. The multiplier is 2^64 over the golden ratio, as in Fibonacci hashing.
    private func hash(of id: BlobID) -> UInt64 {
        (id.words.first ^ hashKey) &* 0x9E37_79B9_7F4A_7C15
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
