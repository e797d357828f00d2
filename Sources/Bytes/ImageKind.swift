/// The image formats that the service keeps.
///
/// Stands in `Bytes` because the catalog stores what the format readers find, and neither imports
/// the other. The raw values are written to disk: a new format takes the next number, none is
/// reused.
package enum ImageKind: UInt8, CaseIterable, Hashable, Sendable {
    case jpeg = 1
    case png = 2
    case gif = 3
    case webp = 4
    case bmp = 5
    case tiff = 6
    case heif = 7
    case avif = 8

    /// The name in the statistics, which is the one Pillow uses.
    package var name: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .gif: "GIF"
        case .webp: "WEBP"
        case .bmp: "BMP"
        case .tiff: "TIFF"
        case .heif: "HEIF"
        case .avif: "AVIF"
        }
    }

    /// The media type it is served as (IANA media type registry).
    package var mediaType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        case .gif: "image/gif"
        case .webp: "image/webp"
        case .bmp: "image/bmp"
        case .tiff: "image/tiff"
        case .heif: "image/heic"
        case .avif: "image/avif"
        }
    }
}
