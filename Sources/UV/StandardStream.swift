internal import CUV

/// One of the two streams that a process writes its messages to.
package enum StandardStream: CInt, Sendable {
    /// Standard output.
    case output = 1
    /// Standard error.
    case error = 2

    /// Writes all the bytes; blocks as long as the reader at the other end does not read.
    ///
    /// Wraps `uv_fs_write` without an offset, which pipes and terminals do not have.
    ///
    /// - Parameter bytes: the bytes.
    /// - Throws: what the write answered, `EPIPE` when nobody reads any more.
    package func write(_ bytes: Span<UInt8>) throws(UVError) {
        // SAFETY: `rest` is a part of the span, which outlives the closure.
        try unsafe bytes.withUnsafeBytes { bytes throws(UVError) in
            var rest = unsafe bytes[...]
            while unsafe !rest.isEmpty {
                let count = unsafe writeOnce(UnsafeRawBufferPointer(rebasing: rest))
                if count == UV_EINTR.rawValue { continue }
                if count == UV_EAGAIN.rawValue {
                    // Whoever shares the terminal or pipe with us made it non-blocking.
                    cuv_wait_until_writable(rawValue)
                    continue
                }
                unsafe rest = rest.dropFirst(Int(try UVError.check(count)))
            }
        }
    }

    private func writeOnce(_ bytes: UnsafeRawBufferPointer) -> CInt {
        // SAFETY: the buffer covers the given bytes, which outlive the call; libuv only reads them.
        var raw = unsafe uv_buf_t(
            base: UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
                .assumingMemoryBound(to: CChar.self),
            len: bytes.count
        )
        var request = unsafe uv_fs_t()
        defer { unsafe uv_fs_req_cleanup(&request) }
        return unsafe uv_fs_write(nil, &request, rawValue, &raw, 1, -1, nil)
    }
}
