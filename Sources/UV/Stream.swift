internal import CUV

/// A two-way stream of bytes.
///
/// Wraps `uv_stream_t`; see https://docs.libuv.org/en/v1.x/stream.html. Reading fills memory that
/// the owner lends, and writing keeps its chunks alive until libuv is done with them.
package class Stream: Handle {
    /// What reading brought.
    package enum ReadEvent {
        /// So many bytes stand at the beginning of the lent range.
        case bytes(Buffer, Range<Int>)
        /// The peer will send no more.
        case endOfStream
        /// Reading failed; no more will come.
        case failed(UVError)
    }

    // SAFETY: `Handle` owns the structure, and every stream type begins with the fields of
    // `uv_stream_t`. libuv is called on the loop's thread, before the close callback only.
    private var lend: (() -> OutputChunk?)?
    private var onRead: ((ReadEvent) -> Void)?
    private var lent: OutputChunk?
    private var onConnection: ((UVError?) -> Void)?

    /// Bytes that were given to `write` and did not reach the kernel yet.
    ///
    /// Wraps `uv_stream_get_write_queue_size`.
    package final var writeQueueSize: Int { unsafe uv_stream_get_write_queue_size(stream) }

    // MARK: Listening

    /// Starts to accept connections.
    ///
    /// Wraps `uv_listen`.
    ///
    /// - Parameters:
    ///   - backlog: how many connections the kernel may queue.
    ///   - onConnection: called with `nil` when a connection waits to be accepted, or with the
    ///     error that kept one from being taken (`EMFILE`, for one); listening goes on in both
    ///     cases.
    /// - Throws: what `uv_listen` answered, `EADDRINUSE` for one; `ECANCELED` on a closed stream.
    package final func listen(
        backlog: Int,
        onConnection: @escaping (UVError?) -> Void
    ) throws(UVError) {
        // A closed stream drops its closures no second time, so it must not take any.
        guard !isClosing else { throw .canceled }
        self.onConnection = onConnection
        try UVError.check(
            unsafe uv_listen(stream, CInt(backlog)) { server, status in
                guard let data = unsafe server?.pointee.data else { return }
                // SAFETY: `Handle.init` set it to this stream, which libuv keeps until it is
                // closed.
                let handle = unsafe Unmanaged<Handle>.fromOpaque(data).takeUnretainedValue()
                let error = status < 0 ? UVError(code: status) : nil
                unsafe unsafeDowncast(handle, to: Stream.self).onConnection?(error)
            }
        )
    }

    /// Takes a waiting connection.
    ///
    /// Wraps `uv_accept`.
    ///
    /// - Parameter connection: a stream of the same loop and type that was not opened yet.
    /// - Throws: what `uv_accept` answered, `EAGAIN` when none waits; `ECANCELED` when `connection`
    ///   was closed, which libuv would not notice.
    package final func accept(into connection: Stream) throws(UVError) {
        guard !connection.isClosing else { throw .canceled }
        try UVError.check(unsafe uv_accept(stream, connection.stream))
    }

    // MARK: Reading

    /// Starts to read.
    ///
    /// Wraps `uv_read_start`.
    ///
    /// - Parameters:
    ///   - lend: called right before each read for the memory to read into, at least one byte;
    ///     `nil` stops reading instead, until `resumeReading`. It must not stop reading itself:
    ///     libuv goes on to the callback that `uv_read_stop` takes away.
    ///   - onRead: called after each read. After `endOfStream` or `failed` no further call comes.
    /// - Throws: what `uv_read_start` answered; `ECANCELED` on a closed stream.
    package final func startReading(
        into lend: @escaping () -> OutputChunk?,
        onRead: @escaping (ReadEvent) -> Void
    ) throws(UVError) {
        guard !isClosing else { throw .canceled }
        self.lend = lend
        self.onRead = onRead
        try resumeReading()
    }

    /// Reads on after `stopReading`; harmless while reading.
    ///
    /// - Throws: what `uv_read_start` answered; `ECANCELED` on a closed stream, because whoever
    ///   resumes (the completion of a piece of work, for one) may come after the close.
    package final func resumeReading() throws(UVError) {
        guard !isClosing else { throw .canceled }
        precondition(lend != nil, "reading was never started")
        let allocate: uv_alloc_cb = { handle, _, out in
            guard let data = unsafe handle?.pointee.data, let out = unsafe out else { return }
            // SAFETY: as in `listen`. `out` is libuv's own variable; a zero length left in it
            // makes libuv report ENOBUFS instead of reading.
            unsafe Unmanaged<Handle>.fromOpaque(data)._withUnsafeGuaranteedRef { handle in
                unsafe unsafeDowncast(handle, to: Stream.self).lendMemory(to: out)
            }
        }
        let read: uv_read_cb = { stream, count, _ in
            guard let data = unsafe stream?.pointee.data else { return }
            // SAFETY: as in `listen`.
            unsafe Unmanaged<Handle>.fromOpaque(data)._withUnsafeGuaranteedRef { handle in
                unsafe unsafeDowncast(handle, to: Stream.self).readEnded(count: count)
            }
        }
        let result = unsafe uv_read_start(stream, allocate, read)
        if result == UV_EALREADY.rawValue { return }
        try UVError.check(result)
    }

    /// Stops reading until `resumeReading`; what the peer sends waits in the kernel, which in turn
    /// stops the peer.
    ///
    /// Wraps `uv_read_stop`.
    package final func stopReading() {
        guard !isClosing else { return }
        unsafe _ = uv_read_stop(stream)
    }

    private func lendMemory(to out: UnsafeMutablePointer<uv_buf_t>) {
        guard let chunk = lend?() ?? nil else { return }
        // SAFETY: libuv writes to what the chunk names, and `lent` keeps it until libuv calls back,
        // which it does before it returns to the loop.
        unsafe out.pointee = chunk.raw
        lent = chunk
    }

    private func readEnded(count: Int) {
        guard let chunk = lent.take() else {
            if count == Int(UV_ENOBUFS.rawValue) { stopReading() } else { report(count) }
            return
        }
        if count > 0 {
            let start = chunk.range.lowerBound
            onRead?(.bytes(chunk.buffer, start..<start + count))
        } else if count < 0 {
            report(count)
        }
        // Zero means that the kernel had nothing after all (EAGAIN); libuv will call again.
    }

    private func report(_ count: Int) {
        stopReading()
        if count == Int(UV_EOF.rawValue) {
            onRead?(.endOfStream)
        } else {
            onRead?(.failed(UVError(code: CInt(count))))
        }
    }

    // MARK: Writing

    /// Writes what the kernel takes at once.
    ///
    /// Wraps `uv_try_write`.
    ///
    /// - Parameter chunks: what to write, at least one; of more than IOV_MAX (1024) of them the
    ///   kernel takes the first ones.
    /// - Returns: how many bytes were taken, 0 when the socket is full or a `write` is under way.
    /// - Throws: what `uv_try_write` answered, other than `EAGAIN`.
    package final func tryWrite(_ chunks: Span<OutputChunk>) throws(UVError) -> Int {
        precondition(!chunks.isEmpty, "a write has at least one chunk")
        guard !isClosing else { throw .canceled }
        let result = unsafe withUnsafeTemporaryAllocation(
            of: uv_buf_t.self,
            capacity: chunks.count
        ) { raw in
            for i in chunks.indices { unsafe raw.initializeElement(at: i, to: chunks[i].raw) }
            return unsafe uv_try_write(stream, raw.baseAddress, CUnsignedInt(chunks.count))
        }
        if result == UV_EAGAIN.rawValue { return 0 }
        return Int(try UVError.check(result))
    }

    /// Writes chunks, in order after all earlier writes.
    ///
    /// Wraps `uv_write`.
    ///
    /// - Parameters:
    ///   - chunks: what to write, at least one; kept alive until the completion.
    ///   - completion: called once on the loop with `nil`, or with the error that ended the write;
    ///     when libuv refuses the call, too, and then not before this returns.
    package final func write(
        _ chunks: [OutputChunk],
        completion: @escaping (UVError?) -> Void
    ) {
        precondition(!chunks.isEmpty, "a write has at least one chunk")
        guard !isClosing else {
            loop.enqueue { completion(.canceled) }
            return
        }
        let request = WriteRequest(chunks: chunks, completion: completion)
        if let error = request.start(on: self) {
            loop.enqueue { completion(error) }
        }
    }

    /// Ends the write side once all writes are done.
    ///
    /// Wraps `uv_shutdown`.
    ///
    /// - Parameter completion: called once on the loop with `nil`, or with the error.
    package final func shutdown(completion: @escaping (UVError?) -> Void) {
        guard !isClosing else {
            loop.enqueue { completion(.canceled) }
            return
        }
        let request = ShutdownRequest(completion: completion)
        if let error = request.start(on: self) {
            loop.enqueue { completion(error) }
        }
    }

    final var stream: UnsafeMutablePointer<uv_stream_t> { unsafe typed() }

    override func willClose() {
        lend = nil
        onRead = nil
        onConnection = nil
    }
}

extension OutputChunk {
    /// The chunk as libuv takes it; valid as long as the chunk's buffer.
    var raw: uv_buf_t {
        // SAFETY: `init` checked that the range lies within the buffer. libuv only reads from it.
        unsafe uv_buf_t(
            base: UnsafeMutableRawPointer(buffer.base + range.lowerBound)
                .assumingMemoryBound(to: CChar.self),
            len: range.count
        )
    }
}
