internal import CUV

/// A TCP socket.
///
/// Wraps `uv_tcp_t`; see https://docs.libuv.org/en/v1.x/tcp.html.
package final class TCP: Stream {
    // SAFETY: `Handle` owns the structure, a `uv_tcp_t`, and keeps it until it is closed. Out
    // parameters of libuv are variables of ours.

    /// Makes a socket that is not bound, connected or accepted yet.
    ///
    /// - Parameter loop: the loop to live on.
    /// - Throws: what `uv_tcp_init` answered.
    package init(on loop: Loop) throws(UVError) {
        try unsafe super.init(UV_TCP, on: loop) { storage in
            unsafe uv_tcp_init(loop.raw, storage.assumingMemoryBound(to: uv_tcp_t.self))
        }
    }

    /// Makes a socket that shares its port with others of the same user (SO_REUSEPORT), so that the
    /// kernel spreads connections over the loops that listen.
    ///
    /// - Parameters:
    ///   - address: what to bind to.
    ///   - loop: the loop to live on.
    /// - Returns: the bound socket.
    /// - Throws: what libuv or `setsockopt` answered; `EADDRINUSE` comes from `listen` at the
    ///   latest.
    package static func sharingPort(
        of address: SocketAddress,
        on loop: Loop
    ) throws(UVError) -> TCP {
        let socket = try TCP(family: address.family, on: loop)
        do throws(UVError) {
            var descriptor: uv_os_fd_t = 0
            try UVError.check(unsafe uv_fileno(socket.raw, &descriptor))
            try UVError.check(cuv_set_reuseport(descriptor))
            try socket.bind(to: address)
        } catch {
            socket.close()
            throw error
        }
        return socket
    }

    /// Makes a socket with its descriptor, which options can be set on before `bind`.
    private init(family: CInt, on loop: Loop) throws(UVError) {
        try unsafe super.init(UV_TCP, on: loop) { storage in
            unsafe uv_tcp_init_ex(
                loop.raw,
                storage.assumingMemoryBound(to: uv_tcp_t.self),
                CUnsignedInt(family)
            )
        }
    }

    /// Binds the socket.
    ///
    /// Wraps `uv_tcp_bind`.
    ///
    /// - Parameter address: the address; port 0 lets the system choose.
    /// - Throws: what `uv_tcp_bind` answered.
    package func bind(to address: SocketAddress) throws(UVError) {
        try UVError.check(
            unsafe address.withRawAddress { raw in unsafe uv_tcp_bind(typed(), raw, 0) }
        )
    }

    /// Connects to a listener.
    ///
    /// Wraps `uv_tcp_connect`.
    ///
    /// - Parameters:
    ///   - address: where it listens.
    ///   - completion: called once on the loop with `nil`, or with the error.
    package func connect(
        to address: SocketAddress,
        completion: @escaping (UVError?) -> Void
    ) {
        // libuv 1.44.2 would give a closed handle a new descriptor.
        guard !isClosing else {
            loop.enqueue { completion(.canceled) }
            return
        }
        let request = ConnectRequest(completion: completion)
        let refusal = unsafe request.start(on: typed(), to: address)
        if let error = refusal {
            loop.enqueue { completion(error) }
        }
    }

    /// Sends small writes at once instead of collecting them.
    ///
    /// Wraps `uv_tcp_nodelay`.
    package func disableDelay() {
        guard !isClosing else { return }
        unsafe _ = uv_tcp_nodelay(typed(), 1)
    }

    /// Closes the connection with a reset, dropping what is unsent.
    ///
    /// Does what `uv_tcp_close_reset` does, also while the write side is being ended, which that
    /// function refuses.
    ///
    /// - Parameter completion: called once on the loop when libuv has let go of the handle.
    package func reset(_ completion: (() -> Void)? = nil) {
        if !isClosing { cuv_close_with_reset(descriptor()) }
        close(completion)
    }

    private func descriptor() -> uv_os_fd_t {
        var descriptor: uv_os_fd_t = -1
        unsafe _ = uv_fileno(raw, &descriptor)
        return descriptor
    }

    /// The address it is bound to, or `nil` when there is none.
    ///
    /// Wraps `uv_tcp_getsockname`.
    package var localAddress: SocketAddress? {
        unsafe SocketAddress { raw, length in unsafe uv_tcp_getsockname(typed(), raw, length) }
    }

    /// The address of the peer, or `nil` when there is none.
    ///
    /// Wraps `uv_tcp_getpeername`.
    package var peerAddress: SocketAddress? {
        unsafe SocketAddress { raw, length in unsafe uv_tcp_getpeername(typed(), raw, length) }
    }
}

/// A connection being made.
@safe private final class ConnectRequest {
    // SAFETY: libuv uses it from an accepted call to the callback; a reference to `self` is held
    // for it all that time, and `deinit` frees it.
    private let raw: UnsafeMutablePointer<uv_connect_t>
    private var completion: ((UVError?) -> Void)?

    init(completion: @escaping (UVError?) -> Void) {
        unsafe raw = .allocate(capacity: 1)
        self.completion = completion
    }

    func start(on socket: UnsafeMutablePointer<uv_tcp_t>, to address: SocketAddress) -> UVError? {
        unsafe raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let callback: uv_connect_cb = { request, status in
            guard let data = unsafe request?.pointee.data else { return }
            // SAFETY: balances `passRetained`; libuv calls this once for an accepted request.
            let request = unsafe Unmanaged<ConnectRequest>.fromOpaque(data).takeRetainedValue()
            let last = request.completion
            request.completion = nil
            last?(status < 0 ? UVError(code: status) : nil)
        }
        let result = unsafe address.withRawAddress { address in
            unsafe uv_tcp_connect(raw, socket, address, callback)
        }
        guard result < 0 else { return nil }
        unsafe Unmanaged.passUnretained(self).release()
        return UVError(code: result)
    }

    deinit { unsafe raw.deallocate() }
}
