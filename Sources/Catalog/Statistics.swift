package import Bytes

/// The aggregates behind the stats endpoints, as of one moment.
package struct Statistics: Hashable, Sendable {
    /// How many days `days` covers, today included (the contract's "last 30 days").
    package static let dayCount = 30
    /// The most cameras that are listed (the contract's limit for the details).
    package static let cameraCount = 100

    /// Images first uploaded on one UTC day.
    package struct Day: Hashable, Sendable {
        /// Days since 1970.
        package let day: Int64
        /// Distinct images first uploaded that day.
        package let images: UInt64
    }

    /// Images of one format.
    package struct Format: Hashable, Sendable {
        /// The format.
        package let kind: ImageKind
        /// Images of that format, at least one.
        package let images: UInt64
    }

    /// Images from one camera model.
    package struct Camera: Hashable, Sendable {
        /// Make and model.
        package let name: String
        /// Images from that model, at least one.
        package let images: UInt64
    }

    /// The last thirty days, oldest first, those without an upload included.
    package let days: [Day]
    /// The formats that occur, most images first, ties in alphabetical order of their names.
    package let formats: [Format]
    /// At most a hundred camera models, most images first, ties in order of their names' UTF-8
    /// bytes, which is the order of their Unicode scalars.
    package let cameras: [Camera]
    /// Images in all.
    package let images: UInt64
    /// Bytes of all images.
    package let bytes: UInt64

    /// The format with most images, the alphabetically first of several; `nil` without images.
    package var mostPopularFormat: ImageKind? { formats.first?.kind }
}
