package import Bytes
package import UV

extension FileBlobStore {
    package func open(
        _ id: BlobID,
        prefetch: Range<UInt64>,
        on loop: Loop,
        completion: @escaping (Result<any OpenBlob, BlobStoreError>) -> Void
    ) {
        loop.work { [layout, fileSystem, janitor, memory] in
            do throws(BlobStoreError) {
                let file = try BlobFile(
                    path: layout.path(of: id),
                    fileSystem: fileSystem,
                    janitor: janitor
                )
                return .success(try file.prefetching(prefetch, in: memory))
            } catch {
                return .failure(error)
            }
        } completion: { (result: Result<FileOpenBlob.Opened, BlobStoreError>) in
            completion(result.map { FileOpenBlob($0) })
        }
    }

    package func stat(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<BlobStatus, BlobStoreError>) -> Void
    ) {
        loop.work { [layout, fileSystem] in
            let path = layout.path(of: id)
            do throws(UVError) {
                let status = try fileSystem.status(of: path)
                guard status.kind == .file else {
                    return .failure(
                        BlobStoreError(.corrupted, "\(path) is not a regular file")
                    )
                }
                return .success(
                    BlobStatus(
                        sizeBytes: status.sizeBytes,
                        modifiedSeconds: status.modifiedSeconds
                    )
                )
            } catch {
                return .failure(BlobStoreError("looking at \(path)", error))
            }
        } completion: { (result: Result<BlobStatus, BlobStoreError>) in
            completion(result)
        }
    }

    package func isWhole(
        _ id: BlobID,
        on loop: Loop,
        completion: @escaping (Result<Bool, BlobStoreError>) -> Void
    ) {
        loop.work { [layout, fileSystem, memory] in
            do throws(BlobStoreError) {
                let piece = try memory.hashPiece()
                let path = layout.path(of: id)
                return .success(try BlobFile.hash(path, on: fileSystem, piece: piece).id == id)
            } catch {
                let isAnswer = error.code == .notFound || error.code == .corrupted
                return isAnswer ? .success(false) : .failure(error)
            }
        } completion: { (result: Result<Bool, BlobStoreError>) in
            completion(result)
        }
    }

    package func list(
        on loop: Loop,
        each: @escaping ([BlobID]) -> Bool,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        list(from: 0, on: loop, each: each, completion: completion)
    }

    /// Lists one directory after the other: a page is what one of them holds.
    private func list(
        from firstByte: UInt8,
        on loop: Loop,
        each: @escaping ([BlobID]) -> Bool,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        loop.work { [layout, fileSystem] in
            do throws(UVError) {
                let names = try fileSystem.list(layout.directory(firstByte))
                return .success(
                    names.compactMap { layout.id(of: $0, inDirectory: firstByte) }.sorted()
                )
            } catch {
                return .failure(BlobStoreError("listing \(layout.directory(firstByte))", error))
            }
        } completion: { (result: Result<[BlobID], BlobStoreError>) in
            switch result {
            case .failure(let error):
                completion(.failure(error))
            case .success(let page):
                let goesOn = page.isEmpty || each(page)
                guard goesOn, firstByte < UInt8.max else { return completion(.success(())) }
                self.list(from: firstByte + 1, on: loop, each: each, completion: completion)
            }
        }
    }

    package func probeWritable(
        on loop: Loop,
        completion: @escaping (Result<Void, BlobStoreError>) -> Void
    ) {
        loop.work { [self] in
            // What an upload does, on a small scale: make a file, write to it, remove it.
            let probe = makeIncoming()
            defer { probe.discard() }
            let byte: [UInt8] = [0]
            do throws(BlobStoreError) {
                return .success(try probe.append(byte.span))
            } catch {
                return .failure(error)
            }
        } completion: { (result: Result<Void, BlobStoreError>) in
            completion(result)
        }
    }
}

extension BlobFile {
    /// Reads the first bytes wanted of a file that was just opened; blocks.
    ///
    /// - Parameters:
    ///   - wish: cut to the file's size and to `BlobStoreLimits.prefetchBytes`.
    ///   - memory: what they are read into; when there is none, nothing is read yet.
    /// - Returns: what an open blob is made of; without the file when nothing remains to be read.
    /// - Throws: as `read`.
    func prefetching(
        _ wish: Range<UInt64>,
        in memory: LargeMemory
    ) throws(BlobStoreError) -> FileOpenBlob.Opened {
        var range = BlobStoreLimits.prefetchRange(wish, ofBlobWith: sizeBytes)
        let buffer: Buffer
        if !range.isEmpty, let large = memory.buffer(capacity: range.count) {
            buffer = large
        } else {
            range = range.prefix(0)
            buffer = Buffer(capacity: 1)
        }
        let count = try read(range, into: buffer)
        return FileOpenBlob.Opened(
            sizeBytes: sizeBytes,
            prefetched: buffer,
            prefetchedCount: count,
            file: UInt64(count) == sizeBytes ? nil : self
        )
    }
}
