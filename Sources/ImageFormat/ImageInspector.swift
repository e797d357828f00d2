internal import Bytes

/// Recognises images by their bytes and reads what their headers say.
package enum ImageInspector {
    /// Reads of the source for one file.
    ///
    /// The readers bound their steps, and a step takes one read at most; this bounds them all
    /// together, such as the three tables of a hostile HEIF file. Reads are of up to 512 bytes, so
    /// that a file costs at most 64 MiB of copying, and 0.2 s on a machine that takes 1.5 µs for a
    /// small `pread`.
    package static let maxReads = 131_072

    /// Tells what an image is.
    ///
    /// Call it first with what has arrived, so that a file that is no image is refused without
    /// waiting for its end, and again with the complete file when it needed more. It may call
    /// libexif, so it belongs on a worker and never on an event loop.
    ///
    /// - Parameters:
    ///   - source: the file.
    ///   - maxReads: reads of the source that it may cost, at least 1.
    /// - Returns: format, size and camera. For an incomplete source it is the same answer as for
    ///   the complete file, whatever comes.
    /// - Throws: `.needMoreData` only for an incomplete source; `.unsupported` and `.damaged` are
    ///   as final as an answer; `.sourceFailed` when the source fails.
    /// - Complexity: at most `maxReads` reads, whatever the size of the file.
    package static func inspect<Source: ImageSource>(
        _ source: inout Source,
        maxReads: Int = maxReads
    ) throws(ImageFormatError) -> ImageDescription {
        let kind = try recognise(&source)
        var reader = HeaderReader(source, maxReads: maxReads - 1)
        defer { source = reader.source }
        let header = try readHeader(of: kind, &reader)
        guard header.width > 0, header.height > 0 else {
            throw .damaged(reason: "The header gives a width or height of 0.", offset: 0)
        }
        var camera: Camera?
        if let exif = header.exif { camera = try EXIF.camera(in: exif, &reader) }
        return ImageDescription(
            kind: kind,
            width: header.width,
            height: header.height,
            camera: camera
        )
    }

    private static func recognise<Source: ImageSource>(
        _ source: inout Source
    ) throws(ImageFormatError) -> ImageKind {
        let count = Int(min(source.availableBytes, UInt64(ImageSignature.maxBytes)))
        let prefix = try source.read(at: 0, count: count)
        switch ImageSignature.kind(of: prefix.span) {
        case .image(let kind): return kind
        case .unsupported(let reason): throw .unsupported(reason: reason)
        case .needMoreData:
            guard source.isComplete else { throw .needMoreData }
            if prefix.isEmpty { throw .unsupported(reason: "The file is empty.") }
            throw .damaged(
                reason: "The file is too short to be an image.",
                offset: UInt64(prefix.count)
            )
        }
    }

    private static func readHeader<Source: ImageSource>(
        of kind: ImageKind,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ImageHeader {
        switch kind {
        case .jpeg: try JPEG.readHeader(&reader)
        case .png: try PNG.readHeader(&reader)
        case .gif: try GIF.readHeader(&reader)
        case .webp: try WebP.readHeader(&reader)
        case .bmp: try BMP.readHeader(&reader)
        case .tiff: try TIFF.readHeader(&reader)
        case .heif, .avif: try HEIF.readHeader(&reader)
        }
    }
}

/// What one format's reader finds.
struct ImageHeader: Equatable, Sendable {
    /// Width in pixels as stored; the inspector refuses 0.
    var width: UInt32
    /// Height in pixels as stored; the inspector refuses 0.
    var height: UInt32
    /// Where in the file the EXIF data stands, if there is any.
    var exif: Extents?
}
