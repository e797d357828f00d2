internal import CUV

/// One write under way: retained by libuv only if it accepted the call, and owning the chunks until
/// the callback.
@safe final class WriteRequest {
    // SAFETY: libuv uses it from an accepted call to the callback; a reference to `self` is held
    // for it all that time, and `deinit` frees it.
    private let raw: UnsafeMutablePointer<uv_write_t>
    private var chunks: [OutputChunk]
    private var completion: ((UVError?) -> Void)?

    init(chunks: [OutputChunk], completion: @escaping (UVError?) -> Void) {
        unsafe raw = .allocate(capacity: 1)
        self.chunks = chunks
        self.completion = completion
    }

    /// Gives the write to libuv.
    ///
    /// - Parameter stream: where to write.
    /// - Returns: the error when libuv refused; the callback will not come then.
    func start(on stream: Stream) -> UVError? {
        unsafe raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let callback: uv_write_cb = { request, status in
            guard let data = unsafe request?.pointee.data else { return }
            // SAFETY: balances `passRetained`; libuv calls this once for an accepted write.
            let request = unsafe Unmanaged<WriteRequest>.fromOpaque(data).takeRetainedValue()
            let last = request.completion
            request.completion = nil
            // Let go of first, so that the owner can use the buffers again.
            request.chunks = []
            last?(status < 0 ? UVError(code: status) : nil)
        }
        let result = unsafe withUnsafeTemporaryAllocation(
            of: uv_buf_t.self,
            capacity: chunks.count
        ) { buffers in
            for i in chunks.indices { unsafe buffers.initializeElement(at: i, to: chunks[i].raw) }
            // SAFETY: libuv copies the array; the memory it names is kept by `chunks`.
            return unsafe uv_write(
                raw,
                stream.stream,
                buffers.baseAddress,
                CUnsignedInt(chunks.count),
                callback
            )
        }
        guard result < 0 else { return nil }
        unsafe Unmanaged.passUnretained(self).release()
        return UVError(code: result)
    }

    deinit { unsafe raw.deallocate() }
}

/// The end of a stream's write side, under way.
@safe final class ShutdownRequest {
    // SAFETY: libuv uses it from an accepted call to the callback; a reference to `self` is held
    // for it all that time, and `deinit` frees it.
    private let raw: UnsafeMutablePointer<uv_shutdown_t>
    private var completion: ((UVError?) -> Void)?

    init(completion: @escaping (UVError?) -> Void) {
        unsafe raw = .allocate(capacity: 1)
        self.completion = completion
    }

    /// Gives the request to libuv.
    ///
    /// - Parameter stream: whose write side to end.
    /// - Returns: the error when libuv refused; the callback will not come then.
    func start(on stream: Stream) -> UVError? {
        unsafe raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let result = unsafe uv_shutdown(raw, stream.stream) { request, status in
            guard let data = unsafe request?.pointee.data else { return }
            // SAFETY: balances `passRetained`; libuv calls this once for an accepted request.
            let request = unsafe Unmanaged<ShutdownRequest>.fromOpaque(data).takeRetainedValue()
            let last = request.completion
            request.completion = nil
            last?(status < 0 ? UVError(code: status) : nil)
        }
        guard result < 0 else { return nil }
        unsafe Unmanaged.passUnretained(self).release()
        return UVError(code: result)
    }

    deinit { unsafe raw.deallocate() }
}
