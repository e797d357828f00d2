package import BlobStore
package import Bytes
package import UV

/// Calls a blob store and runs the loop until it has completed, so that a test reads as a sequence.
///
/// Each call requires what the contract says of every completion: exactly once, and not before the
/// call has returned.
package struct StoreDriver {
    /// The store.
    package let store: any BlobStore
    /// The loop that all completions come on.
    package let loop: Loop

    /// Drives a store.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - loop: a loop that nothing else runs on.
    package init(_ store: any BlobStore, on loop: Loop) {
        self.store = store
        self.loop = loop
    }

    /// Starts something and runs the loop dry.
    ///
    /// - Parameter start: calls the store, passing on the completion that it is given.
    /// - Returns: what the completion got.
    package func wait<Value>(_ start: (_ completion: @escaping (Value) -> Void) -> Void) -> Value {
        var values: [Value] = []
        start { values.append($0) }
        precondition(values.isEmpty, "a completion ran before the call returned")
        loop.run()
        precondition(values.count == 1, "a completion ran \(values.count) times")
        return values[0]
    }

    /// Makes a sealed blob.
    ///
    /// - Parameter content: its bytes, appended in two pieces.
    /// - Returns: the blob.
    /// - Throws: what appending answers; the blob is discarded then, as by a server.
    package func sealed(_ content: [UInt8]) throws(BlobStoreError) -> IncomingBlob {
        let blob = store.makeIncoming()
        do throws(BlobStoreError) {
            let half = content.count / 2
            try blob.append(content.span.extracting(0..<half))
            try blob.append(content.span.extracting(half..<content.count))
            _ = try blob.seal()
            return blob
        } catch {
            blob.discard()
            throw error
        }
    }

    /// Puts blobs in one request, neither confirming nor revoking.
    ///
    /// - Parameter contents: the blobs' bytes.
    /// - Returns: the receipt.
    /// - Throws: what making or putting them answers.
    package func put(_ contents: [UInt8]...) throws(BlobStoreError) -> PutReceipt {
        try put(contents: contents)
    }

    /// Puts blobs in one request, neither confirming nor revoking.
    ///
    /// - Parameter contents: the blobs' bytes.
    /// - Returns: the receipt.
    /// - Throws: what making or putting them answers.
    package func put(contents: [[UInt8]]) throws(BlobStoreError) -> PutReceipt {
        var blobs: [IncomingBlob] = []
        do throws(BlobStoreError) {
            for content in contents { blobs.append(try sealed(content)) }
        } catch {
            for blob in blobs { blob.discard() }
            throw error
        }
        return try wait { store.put(blobs, on: loop, completion: $0) }.get()
    }

    /// Opens a blob.
    ///
    /// - Parameters:
    ///   - id: the blob.
    ///   - prefetch: the bytes wanted first.
    /// - Returns: the open blob.
    /// - Throws: what opening answers.
    package func open(
        _ id: BlobID,
        prefetch: Range<UInt64> = 0..<0
    ) throws(BlobStoreError) -> any OpenBlob {
        try wait { store.open(id, prefetch: prefetch, on: loop, completion: $0) }.get()
    }

    /// Reads a part of an open blob.
    ///
    /// - Parameters:
    ///   - range: which bytes.
    ///   - blob: the blob.
    /// - Returns: the bytes.
    /// - Throws: what reading answers.
    package func read(
        _ range: Range<UInt64>,
        of blob: any OpenBlob
    ) throws(BlobStoreError) -> [UInt8] {
        let buffer = Buffer(capacity: range.count + 1)
        let count = try wait { blob.read(range, into: buffer, on: loop, completion: $0) }.get()
        return buffer.span.copy(0..<count)
    }

    /// Reads a whole blob.
    ///
    /// - Parameter id: the blob.
    /// - Returns: its bytes.
    /// - Throws: what opening and reading answer.
    package func content(_ id: BlobID) throws(BlobStoreError) -> [UInt8] {
        let blob = try open(id)
        defer { blob.close() }
        return try read(0..<blob.sizeBytes, of: blob)
    }

    /// Tells about a blob.
    ///
    /// - Parameter id: the blob.
    /// - Returns: its status.
    /// - Throws: what the store answers.
    package func stat(_ id: BlobID) throws(BlobStoreError) -> BlobStatus {
        try wait { store.stat(id, on: loop, completion: $0) }.get()
    }

    /// Removes a blob.
    ///
    /// - Parameter id: the blob.
    /// - Throws: what the store answers.
    package func remove(_ id: BlobID) throws(BlobStoreError) {
        try wait { store.remove(id, on: loop, completion: $0) }.get()
    }

    /// Lists all blobs.
    ///
    /// - Returns: all pages, one after the other.
    /// - Throws: what the store answers.
    package func list() throws(BlobStoreError) -> [BlobID] {
        try pages { _ in true }.flatMap { $0 }
    }

    /// Lists blobs for as long as the caller wants.
    ///
    /// - Parameter goesOn: asked after each page.
    /// - Returns: the pages.
    /// - Throws: what the store answers.
    package func pages(
        whileTrue goesOn: @escaping ([BlobID]) -> Bool
    ) throws(BlobStoreError) -> [[BlobID]] {
        var pages: [[BlobID]] = []
        try wait {
            store.list(
                on: loop,
                each: { page in
                    pages.append(page)
                    return goesOn(page)
                },
                completion: $0
            )
        }.get()
        return pages
    }

    /// Waits for what the store does in the background after `confirm` and `revoke`.
    ///
    /// A put of nothing queues behind it, and a second one behind the rest of its batch.
    ///
    /// - Throws: what the puts answer.
    package func settle() throws(BlobStoreError) {
        for _ in 0..<2 { store.confirm(try put()) }
    }
}
