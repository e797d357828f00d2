internal import Bytes
internal import Catalog
internal import TestSupport

/// Records of images that do not exist, the same ones for the same seed.
///
/// They are spread as in a collection of many years: seven in ten are JPEG, cameras are as uneven
/// as real ones, the newest image is of this day.
struct MadeUpImages: Sequence, Sendable {
    /// Different cameras, about as many as a large collection of photographs shows.
    static let cameraCount = 3_000
    /// How long the collection has been growing.
    private static let days: UInt64 = 3_650
    private static let secondsPerDay: UInt64 = 86_400

    /// Names the records.
    let seed: UInt64
    /// How many there are.
    let count: Int
    /// The time of the newest, in seconds since 1970.
    let now: Int64

    /// The name of an image, without its record.
    ///
    /// - Parameter number: which one; those from `count` on are in no catalog.
    /// - Returns: its name.
    func id(_ number: Int) -> BlobID {
        var random = generator(number)
        return Self.id(&random)
    }

    /// Makes a record.
    ///
    /// - Parameter number: which one.
    /// - Returns: the same record each time.
    func record(_ number: Int) -> ImageRecord {
        var random = generator(number)
        let id = Self.id(&random)
        let choice = random.next()
        // Two numbers multiplied favour the small ones: a few cameras took most of the images.
        let uneven = (choice & 0xFFFF) * (choice >> 16 & 0xFFFF)
        let camera = (uneven * UInt64(Self.cameraCount)) >> 32
        let age = random.next() % (Self.days * Self.secondsPerDay)
        let hasCamera = choice >> 32 & 7 != 0
        return ImageRecord(
            id: id,
            sizeBytes: 20_000 + choice >> 40,
            kind: Self.kinds[Int(choice >> 35) % Self.kinds.count],
            width: 640 + UInt32(choice >> 48 & 0xFFF),
            height: 480 + UInt32(choice >> 52 & 0xFFF),
            camera: hasCamera ? "MAKER \(camera % 40) - Model \(camera)" : nil,
            firstUpload: now - Int64(age)
        )
    }

    func makeIterator() -> AnyIterator<ImageRecord> {
        var next = 0
        return AnyIterator {
            guard next < count else { return nil }
            defer { next += 1 }
            return record(next)
        }
    }

    private static let kinds: [ImageKind] = [
        .jpeg, .jpeg, .jpeg, .jpeg, .jpeg, .jpeg, .jpeg, .png, .webp, .heif,
    ]

    /// A generator for each record, so that none needs those before it.
    private func generator(_ number: Int) -> SeededRandom {
        var random = SeededRandom(seed: seed &+ UInt64(number))
        return SeededRandom(seed: random.next())
    }

    private static func id(_ random: inout SeededRandom) -> BlobID {
        var digest: [UInt8] = []
        for _ in 0..<BlobID.byteCount / 8 { digest.appendBigEndian(random.next()) }
        return BlobID(digest: digest.span)
    }
}
