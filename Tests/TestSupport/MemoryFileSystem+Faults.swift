package import UV
internal import Synchronization

/// What can go wrong on a `MemoryFileSystem`.
extension MemoryFileSystem {
    /// Which operations fail.
    package enum Failing: Sendable {
        /// The operation of this number fails, counted from 0 since `fail` was called; a write that
        /// fails has written half of its bytes.
        case only(Int)
        /// That operation and all after it, as for a process that was killed or a disk that died.
        case from(Int)
        /// The operations of these numbers, as while a disk is full.
        case within(Range<Int>)
        /// Every operation of some kinds.
        case kinds(Set<Operation.Kind>)
    }

    /// What a crash leaves of that which was not made safe.
    package enum Survival: Sendable {
        /// All: the process was killed, the machine was not.
        case everything
        /// Nothing.
        case nothing
        /// Some sectors and names, chosen by the seed.
        case some(seed: UInt64)
        /// Some sectors, and the first few of all changes of names, chosen by the seed: what a file
        /// system keeps that journals its metadata.
        case inOrder(seed: UInt64)

        /// What is taken; `nil` when nothing is.
        var powerCut: PowerCut? {
            switch self {
            case .everything: nil
            case .nothing: PowerCut()
            case .some(let seed): PowerCut(random: SeededRandom(seed: seed))
            case .inOrder(let seed):
                PowerCut(random: SeededRandom(seed: seed), isMetadataJournaled: true)
            }
        }
    }

    struct Faults: Sendable {
        var failing: Failing?
        var error: UVError = .io
        /// What certain kinds of operations answer instead.
        var errors: [Operation.Kind: UVError] = [:]
        var asked = 0
        var capacityBytes: Int?

        func error(for kind: Operation.Kind) -> UVError { errors[kind] ?? error }

        /// Tells whether the next operation is to fail, and counts it.
        mutating func failsNext(_ kind: Operation.Kind) -> Bool {
            defer { asked += 1 }
            switch failing {
            case nil: return false
            case .only(let number): return asked == number
            case .from(let number): return asked >= number
            case .within(let range): return range.contains(asked)
            case .kinds(let kinds): return kinds.contains(kind)
            }
        }
    }

    /// Makes operations fail from now on, or none any more.
    ///
    /// - Parameters:
    ///   - failing: which; `nil` for none.
    ///   - error: what they answer.
    ///   - errors: what certain kinds of operations answer instead.
    package func fail(
        _ failing: Failing?,
        with error: UVError = .io,
        errors: [Operation.Kind: UVError] = [:]
    ) {
        state.withLock { state in
            state.faults.failing = failing
            state.faults.error = error
            state.faults.errors = errors
            state.faults.asked = 0
        }
    }

    /// How many operations were asked since `fail` was called last.
    package var askedCount: Int { state.withLock { $0.faults.asked } }

    /// Limits how many bytes all files together may have; writes beyond answer `ENOSPC`.
    ///
    /// - Parameter bytes: the limit; `nil` for none.
    package func limitCapacity(toBytes bytes: Int?) {
        state.withLock { $0.faults.capacityBytes = bytes }
    }

    /// Lets the machine crash and start again: descriptors and locks are gone, nothing fails any
    /// more.
    ///
    /// - Parameter survival: what is left of that which was not made safe.
    package func crash(_ survival: Survival) {
        state.withLock { state in
            state.files = [:]
            state.locks = [:]
            state.faults.failing = nil
            guard var cut = survival.powerCut else { return }
            state.disk.loseUnsafe(&cut)
        }
    }

    /// Makes another file system with the same files, all of them safe.
    ///
    /// - Returns: an independent copy, nothing of which is open.
    package func copy() -> MemoryFileSystem {
        let copied = twin()
        copied.state.withLock { state in
            for node in state.disk.nodes.keys { state.disk.synchronize(node) }
        }
        return copied
    }

    /// Makes another file system in the same state, what is not safe yet included.
    ///
    /// - Returns: an independent copy, nothing of which is open, and which fails nothing.
    package func twin() -> MemoryFileSystem {
        let copied = MemoryFileSystem()
        let disk = state.withLock { $0.disk }
        copied.state.withLock { $0.disk = disk }
        return copied
    }

    /// The bytes of a file, for a test to look at; not recorded as an operation.
    ///
    /// - Parameter path: the file.
    /// - Returns: its bytes, or `nil` when there is none.
    package func content(of path: String) -> [UInt8]? {
        state.withLock { state in
            // `notFound` is an answer here, not an error.
            guard let node = try? state.disk.find(path) else { return nil }
            return state.disk.nodes[node]?.data
        }
    }

    /// Puts a file where a test wants it, safe at once; its directory exists.
    ///
    /// - Parameters:
    ///   - bytes: the file's bytes.
    ///   - path: where.
    /// - Throws: what making the file would answer.
    package func plant(_ bytes: [UInt8], at path: String) throws(UVError) {
        try state.withLock { (state) throws(UVError) in
            let node: Int
            do throws(UVError) {
                node = try state.disk.find(path)
            } catch .notFound {
                node = try state.disk.make(
                    .file,
                    at: path,
                    permissions: 0o600,
                    modifiedSeconds: state.nowSeconds
                )
            }
            state.disk.truncate(node, to: 0, now: state.nowSeconds)
            state.disk.write(bytes.span, to: node, at: 0, now: state.nowSeconds)
            state.disk.synchronize(node)
            state.disk.synchronize(try state.disk.parent(of: path).directory)
        }
    }

    /// Puts a symbolic link to nowhere at a path.
    ///
    /// - Parameter path: where.
    /// - Throws: `EEXIST` when the name is taken.
    package func plantSymbolicLink(at path: String) throws(UVError) {
        try state.withLock { (state) throws(UVError) in
            _ = try state.disk.make(
                .symbolicLink,
                at: path,
                permissions: 0o777,
                modifiedSeconds: state.nowSeconds
            )
            state.disk.synchronize(try state.disk.parent(of: path).directory)
        }
    }

    /// Sets the time that changed files get.
    ///
    /// - Parameter seconds: seconds since 1970.
    package func setTime(_ seconds: Int64) { state.withLock { $0.nowSeconds = seconds } }

    // MARK: Performing

    /// Records an operation on a path and performs it, or fails as told.
    func perform<Value: Sendable>(
        _ kind: Operation.Kind,
        _ path: String,
        _ body: (inout State) throws(UVError) -> Value
    ) throws(UVError) -> Value {
        state.withLock { $0.hold }?.pass(kind, path)
        return try state.withLock { (state) throws(UVError) in
            let operation = Operation(kind: kind, path: path)
            state.begin(operation)
            if state.faults.failsNext(kind) { throw state.faults.error(for: kind) }
            return try body(&state)
        }
    }

    /// Records an operation on an open file and performs it, or fails as told.
    func performOn<Value: Sendable>(
        _ file: FileDescriptor,
        _ kind: Operation.Kind,
        _ body: (inout State, Int) throws(UVError) -> Value,
        onFailure: (inout State, Int) -> Void = { _, _ in }
    ) throws(UVError) -> Value {
        state.withLock { $0.hold }?.pass(kind)
        return try state.withLock { (state) throws(UVError) in
            guard let open = state.files[file] else { throw .badDescriptor }
            state.begin(Operation(kind: kind, path: open.path))
            if state.faults.failsNext(kind) {
                onFailure(&state, open.node)
                throw state.faults.error(for: kind)
            }
            return try body(&state, open.node)
        }
    }
}
