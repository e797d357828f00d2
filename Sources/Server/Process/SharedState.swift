internal import Synchronization
internal import UV

/// What all loops of the process share besides the stores: a few counters and the state of life.
final class SharedState: Sendable {
    /// The life of the server.
    enum Phase: Int, Sendable {
        /// The data is being read; only health is answered.
        case starting
        /// Serving.
        case ready
        /// What is under way is finished; nothing new begins.
        case stopping
    }

    /// The memory that clients are given much of.
    let memory: LargeMemory
    private let phaseValue = Atomic<Int>(Phase.starting.rawValue)
    private let connectionCount = Atomic<Int>(0)
    private let uploadCount = Atomic<Int>(0)
    private let connectionCountMax: Int
    private let uploadCountMax: Int

    /// Sets the limits.
    ///
    /// - Parameters:
    ///   - connectionCountMax: connections open at once, in all loops.
    ///   - uploadCountMax: uploads under way at once, in all loops.
    ///   - memory: that of the process, which tests make refuse.
    init(
        connectionCountMax: Int,
        uploadCountMax: Int,
        memory: LargeMemory = LargeMemory()
    ) {
        self.memory = memory
        self.connectionCountMax = connectionCountMax
        self.uploadCountMax = uploadCountMax
    }

    /// Where in its life the server is.
    var phase: Phase {
        get { Phase(rawValue: phaseValue.load(ordering: .acquiring)) ?? .starting }
        set { phaseValue.store(newValue.rawValue, ordering: .releasing) }
    }

    /// Connections that are open.
    var openConnections: Int { connectionCount.load(ordering: .relaxed) }
    /// Uploads that are under way.
    var uploadsUnderWay: Int { uploadCount.load(ordering: .relaxed) }

    /// Counts a connection in.
    ///
    /// - Returns: false when there are too many; it has to be counted out all the same.
    func connectionOpened() -> Bool {
        connectionCount.add(1, ordering: .relaxed).newValue <= connectionCountMax
    }

    /// Counts a connection out.
    func connectionClosed() {
        connectionCount.subtract(1, ordering: .relaxed)
    }

    /// Takes a place for an upload.
    ///
    /// - Returns: the place, given back when it is released, or `nil` when all are taken.
    func takeUploadSlot() -> UploadSlot? {
        let count = uploadCount.add(1, ordering: .relaxed).newValue
        let slot = UploadSlot(state: self)
        return count <= uploadCountMax ? slot : nil
    }

    /// A place for an upload; whoever holds it is one of at most so many.
    final class UploadSlot: Sendable {
        private let state: SharedState

        fileprivate init(state: SharedState) { self.state = state }

        deinit { state.uploadCount.subtract(1, ordering: .relaxed) }
    }
}
