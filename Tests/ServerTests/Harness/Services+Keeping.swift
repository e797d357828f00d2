internal import BlobStore
internal import Bytes
internal import Catalog
@testable internal import Server
internal import TestSupport

extension MemoryFileSystem {
    /// Makes a data directory with one image, as a server that has ended leaves it.
    ///
    /// - Parameter path: the directory.
    /// - Throws: what the stores answer.
    func keepOneImage(in path: String) throws {
        let directory = try DataDirectory(path, fileSystem: self)
        defer { directory.close() }
        let stores = try directory.openStores { _ in }
        defer { stores.blobs.close() }
        try stores.services.keep(Picture.gif(), firstUpload: 0)
        try stores.catalog.close()
    }
}

extension Services {
    /// Makes an image durable, which the catalog does not know yet, and waits.
    ///
    /// - Parameter image: its bytes.
    /// - Returns: the receipt, to be confirmed or revoked.
    /// - Throws: what the store answers.
    func put(_ image: [UInt8]) throws -> PutReceipt {
        let blob = blobs.makeIncoming()
        try blob.append(image.span)
        _ = try blob.seal()
        return try waitFor { blobs.put([blob], on: $0, completion: $1) }
    }

    /// Keeps an image as the service does with an upload, and waits.
    ///
    /// - Parameters:
    ///   - image: its bytes, those of a `Picture.gif`.
    ///   - firstUpload: seconds since 1970.
    /// - Returns: its id.
    /// - Throws: what the stores answer.
    @discardableResult
    func keep(_ image: [UInt8], firstUpload: Int64) throws -> BlobID {
        let receipt = try put(image)
        let id = receipt.ids[0]
        let record = ImageRecord(
            id: id,
            sizeBytes: UInt64(image.count),
            kind: .gif,
            width: 2,
            height: 3,
            camera: nil,
            firstUpload: firstUpload
        )
        let _: [Bool] = try waitFor { catalog.commit([record], on: $0, completion: $1) }
        blobs.confirm(receipt)
        return id
    }
}
