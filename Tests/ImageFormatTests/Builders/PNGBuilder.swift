import Bytes

/// Writes PNG files.
///
/// Check sums are left 0: the reader decodes nothing that they guard.
enum PNGBuilder {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// A chunk; the length may claim to be another one.
    static func chunk(_ name: String, _ data: [UInt8], length: UInt32? = nil) -> [UInt8] {
        bigEndian(length ?? UInt32(data.count)) + Array(name.utf8) + data + zeros(4)
    }

    /// The header chunk.
    static func header(_ width: UInt32, _ height: UInt32, isInterlaced: Bool = false) -> [UInt8] {
        chunk(
            "IHDR",
            bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, isInterlaced ? 1 : 0]
        )
    }

    static let imageData = chunk("IDAT", [UInt8](repeating: 0xA5, count: 40))
    static let end = chunk("IEND", [])

    /// A whole file with some chunks behind its header.
    static func file(header: [UInt8] = header(64, 48), _ chunks: [UInt8]...) -> [UInt8] {
        signature + header + chunks.flatMap { $0 } + end
    }
}
