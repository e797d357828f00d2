internal import CUV

/// An object that libuv calls back.
///
/// The ownership rule of all handles stands here: from a successful `init` until its close callback
/// libuv owns one strong reference, so a handle cannot disappear under a callback; afterwards
/// nobody does. A handle has to be closed; closing it twice is harmless. See
/// https://docs.libuv.org/en/v1.x/handle.html.
///
/// ```
/// init ──▶ open ──close()──▶ closing ──close callback──▶ closed ──▶ deinit
///   └─ refused by libuv ───────────────────────────────────▲
/// ```
@safe package class Handle {
    /// The loop it lives on, kept alive by it.
    package let loop: Loop
    // SAFETY: memory for libuv's structure of the handle's type, at a fixed address from `init` to
    // `deinit`. libuv uses it from the successful `uv_…_init` until the close callback, and
    // `deinit` requires that this has come.
    private let storage: UnsafeMutableRawPointer
    private var phase = Phase.closed
    private var closeCompletions: [() -> Void] = []

    private enum Phase { case open, closing, closed }

    /// Allocates libuv's structure, which must never move, and initializes it.
    ///
    /// - Parameters:
    ///   - type: which structure.
    ///   - loop: the loop to live on.
    ///   - initialize: calls the `uv_…_init` function of the type.
    /// - Throws: what that function answered.
    init(
        _ type: uv_handle_type,
        on loop: Loop,
        initialize: (UnsafeMutableRawPointer) -> CInt
    ) throws(UVError) {
        self.loop = loop
        unsafe storage = .allocate(byteCount: uv_handle_size(type), alignment: 16)
        try UVError.check(unsafe initialize(storage))
        phase = .open
        // SAFETY: balanced by `takeRetainedValue` in the close callback, which runs exactly once.
        unsafe raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Whether it will call back.
    ///
    /// Wraps `uv_is_active`.
    package final var isActive: Bool {
        guard phase == .open else { return false }
        return unsafe uv_is_active(raw) != 0
    }

    /// Whether `close` was called.
    ///
    /// Wraps `uv_is_closing`.
    package final var isClosing: Bool { phase != .open }

    /// Lets the loop run on for this handle's sake, as it does at first.
    ///
    /// Wraps `uv_ref`.
    package final func ref() { unsafe uv_ref(raw) }

    /// Lets `Loop.run` return although this handle is active.
    ///
    /// Wraps `uv_unref`.
    package final func unref() { unsafe uv_unref(raw) }

    /// Closes the handle; requests under way end with `ECANCELED`.
    ///
    /// Wraps `uv_close`.
    ///
    /// - Parameter completion: called once on the loop when libuv has let go of the handle, also
    ///   when another call closed it.
    package final func close(_ completion: (() -> Void)? = nil) {
        guard phase != .closed else {
            if let completion { loop.enqueue(completion) }
            return
        }
        if let completion { closeCompletions.append(completion) }
        guard phase == .open else { return }
        phase = .closing
        willClose()
        unsafe uv_close(raw) { raw in
            guard let data = unsafe raw?.pointee.data else { return }
            // SAFETY: balances `passRetained` in `init`.
            let handle = unsafe Unmanaged<Handle>.fromOpaque(data).takeRetainedValue()
            handle.phase = .closed
            let last = handle.closeCompletions
            handle.closeCompletions = []
            for completion in last { completion() }
        }
    }

    /// Drops the closures of a subclass, so that what they capture is let go at once.
    func willClose() {}

    /// The structure as libuv's base type.
    final var raw: UnsafeMutablePointer<uv_handle_t> { unsafe typed() }

    /// The structure as a type that begins with the same fields.
    ///
    /// - Returns: the address of `storage`.
    final func typed<Structure>() -> UnsafeMutablePointer<Structure> {
        // SAFETY: `storage` was sized for the handle's own type, and libuv's handle types share
        // their first fields by design ("handle subclassing" in its manual).
        unsafe storage.assumingMemoryBound(to: Structure.self)
    }

    deinit {
        precondition(phase == .closed, "a handle was released before its close callback")
        unsafe storage.deallocate()
    }
}

@available(*, unavailable)
extension Handle: Sendable {}
