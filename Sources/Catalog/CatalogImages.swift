/// Every image of a catalog as of one moment, to go through without holding anything up.
package struct CatalogImages: Sequence, Sendable {
    private let images: ChunkedArray<StoredImage>
    private let cameras: ChunkedArray<[UInt8]>

    init(_ index: CatalogIndex) {
        images = index.images
        cameras = index.cameras.names
    }

    /// How many images there are.
    package var count: Int { images.count }

    /// How many pages there are.
    package var pageCount: Int { images.chunks.count }

    /// Gives a page of records.
    ///
    /// - Parameter number: below `pageCount`.
    /// - Returns: the records, in the order of their arrival.
    package func page(_ number: Int) -> [ImageRecord] { images.chunks[number].map(record) }

    package func makeIterator() -> AnyIterator<ImageRecord> {
        var next = 0
        return AnyIterator {
            guard next < images.count else { return nil }
            defer { next += 1 }
            return record(of: images[next])
        }
    }

    private func record(of image: StoredImage) -> ImageRecord {
        guard image.camera != CameraTable.none else { return image.record(camera: nil) }
        let name = cameras[Int(image.camera) - 1]
        return image.record(camera: String(decoding: name, as: UTF8.self))
    }
}
