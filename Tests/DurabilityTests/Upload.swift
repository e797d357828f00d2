internal import BlobStore
internal import Bytes
internal import Catalog
@testable internal import Server
internal import UV

/// One request on its way through the stores, in the steps and the order of `UploadCommit`, which
/// cannot run without a connection.
final class Upload {
    private let images: [Sent]
    private let stores: OpenStores
    private let loop: Loop
    private var queued: (() -> Void)?
    private let answered: (Bool) -> Void

    /// Prepares a request.
    ///
    /// - Parameters:
    ///   - images: what is sent.
    ///   - stores: where to keep it.
    ///   - loop: where everything happens.
    ///   - queued: called once, when it waits for the commit or will not.
    ///   - answered: called once, with whether the client was told that all is kept.
    init(
        _ images: [Sent],
        _ stores: OpenStores,
        _ loop: Loop,
        queued: @escaping () -> Void,
        answered: @escaping (Bool) -> Void
    ) {
        self.images = images
        self.stores = stores
        self.loop = loop
        self.queued = queued
        self.answered = answered
    }

    func start() {
        var blobs: [IncomingBlob] = []
        do throws(BlobStoreError) {
            for image in images {
                let blob = stores.blobs.makeIncoming()
                blobs.append(blob)
                let half = image.bytes.count / 2
                try blob.append(image.bytes.span.extracting(0..<half))
                try blob.append(image.bytes.span.extracting(half..<image.bytes.count))
                _ = try blob.seal()
            }
        } catch {
            for blob in blobs { blob.discard() }
            return end(false)
        }
        let all = blobs
        stores.catalog.known(images.map(\.id), on: loop) { [self] result in
            switch result {
            case .success(let known): check(known, all)
            case .failure: refuse(all)
            }
        }
    }

    private func check(_ known: Set<BlobID>, _ blobs: [IncomingBlob]) {
        var sound: Set<BlobID> = []
        var leftCount = known.count
        guard leftCount > 0 else { return keep(sound, blobs) }
        for id in known {
            stores.blobs.isWhole(id, on: loop) { [self] result in
                if case .success(true) = result { sound.insert(id) }
                leftCount -= 1
                if leftCount == 0 { keep(sound, blobs) }
            }
        }
    }

    private func keep(_ sound: Set<BlobID>, _ blobs: [IncomingBlob]) {
        var seen = sound
        var new: [Sent] = []
        var newBlobs: [IncomingBlob] = []
        for (image, blob) in zip(images, blobs) {
            if seen.insert(image.id).inserted {
                new.append(image)
                newBlobs.append(blob)
            } else {
                blob.discard()
            }
        }
        guard !new.isEmpty else { return end(true) }
        let records = new.map(\.record)
        stores.blobs.put(newBlobs, on: loop) { [self] result in
            switch result {
            case .success(let receipt): record(records, receipt)
            case .failure: end(false)
            }
        }
        tellQueued()
    }

    private func record(_ records: [ImageRecord], _ receipt: PutReceipt) {
        stores.catalog.commit(records, on: loop) { [self] result in
            switch result {
            case .success:
                stores.blobs.confirm(receipt)
                end(true)
            case .failure:
                stores.blobs.revoke(receipt)
                end(false)
            }
        }
    }

    private func refuse(_ blobs: [IncomingBlob]) {
        for blob in blobs { blob.discard() }
        end(false)
    }

    private func end(_ isKept: Bool) {
        tellQueued()
        answered(isKept)
    }

    private func tellQueued() {
        let last = queued.take()
        last?()
    }
}
