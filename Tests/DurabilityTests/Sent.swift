@testable internal import BlobStore
internal import Bytes
internal import Catalog
internal import TestSupport

/// An image that a client of a history sends: its bytes, and what the catalog has to say of it.
struct Sent: Sendable {
    /// When everything in a history happens, in seconds since 1970; the files' times say the same,
    /// so that a rebuilt catalog has the same records.
    static let seconds: Int64 = 1_714_996_800

    let bytes: [UInt8]
    let record: ImageRecord

    /// Makes an image that differs from those of other numbers.
    ///
    /// - Parameter number: which one.
    init(_ number: UInt64) {
        var random = SeededRandom(seed: number)
        // From a part of a sector to several, so that a torn one shows.
        let sizeBytes = Int.random(in: 24...1_700, using: &random)
        // A GIF's header (GIF89a §17, §18) is all that makes it an image to the service.
        var bytes = Array("GIF89a".utf8) + [2, 0, 3, 0, 0, 0, 0]
        while bytes.count < sizeBytes { bytes.append(UInt8.random(in: 1...255, using: &random)) }
        self.bytes = bytes
        record = ImageRecord(
            id: Self.id(of: bytes),
            sizeBytes: UInt64(bytes.count),
            kind: .gif,
            width: 2,
            height: 3,
            camera: nil,
            firstUpload: Self.seconds
        )
    }

    var id: BlobID { record.id }

    private static func id(of bytes: [UInt8]) -> BlobID {
        var hash = ContentHash()
        hash.update(bytes.span)
        return hash.finish()
    }
}
