internal import Bytes
internal import Crypto

/// SHA-256 (FIPS 180-4) over bytes as they flow: what a blob's id is made of.
///
/// The one place where bytes are lent to swift-crypto, which takes pointers.
struct ContentHash: Sendable {
    private var state = SHA256()

    /// Adds bytes.
    ///
    /// - Parameter bytes: the next bytes of the content; not copied.
    mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // SAFETY: the pointer is valid for this call, and `update` does not keep it.
            unsafe state.update(bufferPointer: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Ends the hash.
    ///
    /// - Returns: the id of a blob with just the bytes that were added.
    func finish() -> BlobID {
        let digest = Array(state.finalize())
        return BlobID(digest: digest.span)
    }
}
