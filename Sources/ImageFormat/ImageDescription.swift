package import Bytes

/// What a file's header says about the image.
package struct ImageDescription: Equatable, Sendable {
    /// The format, by its bytes.
    package var kind: ImageKind
    /// Width in pixels as stored, at least 1; rotation by EXIF or by the container is not applied.
    package var width: UInt32
    /// Height in pixels as stored, at least 1.
    package var height: UInt32
    /// The camera, where EXIF names a model.
    package var camera: Camera?

    /// Makes a description.
    ///
    /// - Parameters:
    ///   - kind: the format.
    ///   - width: width in pixels, at least 1.
    ///   - height: height in pixels, at least 1.
    ///   - camera: the camera, if EXIF names a model.
    package init(kind: ImageKind, width: UInt32, height: UInt32, camera: Camera?) {
        precondition(width >= 1 && height >= 1, "an image has at least one pixel")
        self.kind = kind
        self.width = width
        self.height = height
        self.camera = camera
    }
}

/// A camera as EXIF names it, trimmed and otherwise as the camera wrote it.
///
/// Makes are no normal forms and models may repeat the make; joining them is all that is done.
package struct Camera: Hashable, Sendable {
    /// The maker, or `nil` when the camera left it empty.
    package var make: String?
    /// The model, never empty.
    package var model: String

    /// Bytes of UTF-8 that a name has at most: two parts and the separator.
    package static let maxNameBytes = 2 * EXIF.maxTextBytes + separator.utf8.count

    private static let separator = " - "

    /// Makes a camera.
    ///
    /// - Parameters:
    ///   - make: the maker, not empty, or `nil`.
    ///   - model: the model, not empty.
    package init(make: String?, model: String) {
        self.make = make
        self.model = model
    }

    /// The name in the statistics: `Make - Model`, or the model alone.
    package var name: String { make.map { $0 + Self.separator + model } ?? model }
}
