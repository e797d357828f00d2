internal import BlobStore
internal import Bytes
internal import Catalog
internal import HTTP1
internal import ImageFormat
internal import UV

/// Keeps the images of one upload, all or none, and then answers.
///
/// The order is what makes a `200` a promise: file durable under its content's name, its directory
/// durable, the catalog's record durable, visible, answered. A crash before the record leaves files
/// that nobody can see and that the next start removes.
///
/// It goes on when the client has left: what was sent completely is kept.
struct UploadCommit {
    let exchange: Exchange
    let services: Services
    let files: UploadFiles
    let received: [UploadFiles.Received]

    /// Finds out which images are new, and keeps those.
    func start() {
        let startedNanoseconds = monotonicNanoseconds()
        let ids = Array(Set(received.map(\.id)))
        services.catalog.known(ids, on: loop) { [self] result in
            switch result {
            case .failure(let error): fail(worker.problem(error))
            case .success(let known): checkFiles(of: known, startedNanoseconds)
            }
        }
    }

    /// Makes sure that what the catalog knows is really there: a file that was lost or damaged is
    /// put again from what the client just sent, instead of a promise about bytes that are nowhere.
    private func checkFiles(of known: Set<BlobID>, _ startedNanoseconds: UInt64) {
        var sound: Set<BlobID> = []
        var leftCount = known.count
        guard leftCount > 0 else {
            keep(sound, startedNanoseconds)
            return
        }
        for id in known {
            services.blobs.isWhole(id, on: loop) { [self] result in
                if case .success(true) = result { sound.insert(id) }
                leftCount -= 1
                if leftCount == 0 { keep(sound, startedNanoseconds) }
            }
        }
    }

    private func keep(_ sound: Set<BlobID>, _ startedNanoseconds: UInt64) {
        var seen = sound
        var new: [UploadFiles.Received] = []
        var duplicates: [IncomingBlob] = []
        for file in received {
            if seen.insert(file.id).inserted {
                new.append(file)
            } else {
                duplicates.append(file.blob)
            }
        }
        if !duplicates.isEmpty {
            let blobs = duplicates
            services.blobs.receive(on: loop) {
                for blob in blobs { blob.discard() }
            } completion: { _ in
            }
        }
        guard !new.isEmpty else {
            succeed(newCount: 0)
            return
        }
        services.blobs.put(new.map(\.blob), on: loop) { [self] result in
            switch result {
            case .failure(let error): fail(worker.problem(error))
            case .success(let receipt): record(new, receipt, startedNanoseconds)
            }
        }
    }

    private func record(
        _ new: [UploadFiles.Received],
        _ receipt: PutReceipt,
        _ startedNanoseconds: UInt64
    ) {
        let now = worker.clock.seconds
        let records = new.map { file in
            ImageRecord(
                id: file.id,
                sizeBytes: file.sizeBytes,
                kind: file.description.kind,
                width: file.description.width,
                height: file.description.height,
                camera: file.description.camera?.name,
                firstUpload: now
            )
        }
        services.catalog.commit(records, on: loop) { [self] result in
            switch result {
            case .failure(let error):
                services.blobs.revoke(receipt)
                fail(worker.problem(error))
            case .success(let isNew):
                services.blobs.confirm(receipt)
                let nanoseconds = monotonicNanoseconds() - startedNanoseconds
                worker.metrics.commitEnded(durationMicroseconds: Int(nanoseconds / 1_000))
                succeed(newCount: isNew.count { $0 })
            }
        }
    }

    private func succeed(newCount: Int) {
        worker.metrics.imagesUploaded(
            new: newCount,
            duplicates: received.count - newCount,
            bytes: Int(received.reduce(0) { $0 + $1.sizeBytes })
        )
        exchange.respond(
            Response(type: "application/json", UploadAnswer.json(for: received))
        )
    }

    private func fail(_ problem: Problem) {
        services.blobs.receive(on: loop) { [files] in
            files.discard()
        } completion: { _ in
        }
        exchange.respond(problem)
    }

    private var worker: Worker { exchange.worker }
    private var loop: Loop { exchange.worker.loop }
}

/// The answer to an upload: one member for each file.
enum UploadAnswer {
    /// Gives each file its key: its filename; where other bytes of the same name came before, the
    /// name with a number.
    ///
    /// The same bytes under the same name are one member.
    ///
    /// - Parameter files: the files in the order sent.
    /// - Returns: keys and ids in that order, no key twice.
    static func members(
        for files: [(filename: String, id: BlobID)]
    ) -> [(key: String, id: BlobID)] {
        var members: [(key: String, id: BlobID)] = []
        // By bytes: names that differ only in how Unicode composes a letter are two names.
        var idOfKey: [[UInt8]: BlobID] = [:]
        var names: [[UInt8]: Name] = [:]
        for file in files {
            let filename = Array(file.filename.utf8)
            // Taken out, so that its set is changed where it is.
            var name = names.removeValue(forKey: filename) ?? Name()
            defer { names[filename] = name }
            guard name.ids.insert(file.id).inserted else { continue }
            // Each number is tried once for a name, however many files have it.
            var key = name.key(of: filename)
            while let id = idOfKey[key], id != file.id {
                name.ids.insert(id)
                name.number += 1
                key = name.key(of: filename)
            }
            guard idOfKey.updateValue(file.id, forKey: key) == nil else { continue }
            members.append((String(decoding: key, as: UTF8.self), file.id))
        }
        return members
    }

    /// What is known of a filename that came.
    private struct Name {
        /// Contents that have a key of this name.
        var ids: Set<BlobID> = []
        /// The number to try next; the first key has none.
        var number = 1

        func key(of filename: [UInt8]) -> [UInt8] {
            number == 1 ? filename : filename + " (\(number))".utf8
        }
    }

    /// Encodes the answer.
    ///
    /// - Parameter files: the files in the order sent.
    /// - Returns: a JSON object.
    static func json(for files: [UploadFiles.Received]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            for (key, id) in members(for: files.map { ($0.filename, $0.id) }) {
                object.member(key, id.hex)
            }
        }
        return writer.bytes
    }
}
