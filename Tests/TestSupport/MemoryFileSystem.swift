package import UV

/// A file system in memory that can be made to fail, and that loses in a power cut what a disk
/// loses.
///
/// Records what it was asked, so that a test can count flushes and check their order. See
/// `MemoryDisk` for the model, `MemoryFileSystem+Faults.swift` for what can go wrong.
package final class MemoryFileSystem: FileSystem {
    /// What was asked.
    package struct Operation: Hashable, Sendable, CustomStringConvertible {
        /// The function.
        package enum Kind: String, CaseIterable, Sendable {
            case open, read, write, synchronize, synchronizeData, truncate, lock, status, link
            case rename, remove, makeDirectory, removeDirectory, list
            case beginWriteBack, finishWriteBack, synchronizeFileSystem
        }
        /// The function.
        package let kind: Kind
        /// What it was called for; the new name of `link` and `rename`.
        package let path: String

        /// Describes an operation.
        ///
        /// - Parameters:
        ///   - kind: the function.
        ///   - path: what it was called for.
        package init(kind: Kind, path: String) {
            self.kind = kind
            self.path = path
        }

        package var description: String { "\(kind) \(path)" }
    }

    struct OpenFile: Sendable {
        var node: Int
        var path: String
    }

    struct State: Sendable {
        var disk = MemoryDisk()
        var files: [FileDescriptor: OpenFile] = [:]
        var nextDescriptor: CInt = 1000
        var locks: [Int: FileDescriptor] = [:]
        var operations: [Operation] = []
        var faults = Faults()
        var hold: Hold?
        var watcher: (@Sendable (Moment) -> Void)?
        var nowSeconds: Int64 = 0
    }

    let state = Lock(State())

    /// Makes an empty file system: the root directory and nothing else.
    package init() {}

    /// What was asked so far, in order; `close` is not recorded.
    package var operations: [Operation] { state.withLock { $0.operations } }

    /// How many descriptors are open.
    package var openFileCount: Int { state.withLock { $0.files.count } }

    package func open(
        _ path: String,
        _ options: OpenOptions,
        permissions: UInt32
    ) throws(UVError) -> FileDescriptor {
        try perform(.open, path) { (state) throws(UVError) in
            let node: Int
            do throws(UVError) {
                node = try state.disk.find(path)
            } catch .notFound where options.contains(.create) {
                node = try state.disk.make(
                    .file,
                    at: path,
                    permissions: permissions,
                    modifiedSeconds: state.nowSeconds
                )
                return state.addFile(node, path)
            }
            if options.contains(.exclusive) { throw .exists }
            switch state.disk.nodes[node]?.kind {
            case .symbolicLink: throw .symbolicLinkLoop
            case .directory: if options.contains(.write) { throw .isDirectory }
            case .file, .other, nil: if options.contains(.directory) { throw .notDirectory }
            }
            if options.contains(.truncate) {
                state.disk.truncate(node, to: 0, now: state.nowSeconds)
            }
            return state.addFile(node, path)
        }
    }

    package func close(_ file: FileDescriptor) {
        state.withLock { state in
            state.files[file] = nil
            state.locks = state.locks.filter { $0.value != file }
        }
    }

    package func read(
        _ file: FileDescriptor,
        into span: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(UVError) -> Int {
        let bytes = try performOn(file, .read) { (state, node) throws(UVError) in
            let data = state.disk.nodes[node]?.data ?? []
            return Array(data.dropFirst(Int(offset)).prefix(span.count))
        }
        for i in bytes.indices { span[i] = bytes[i] }
        return bytes.count
    }

    package func write(
        _ file: FileDescriptor,
        _ bytes: Span<UInt8>,
        at offset: UInt64
    ) throws(UVError) {
        let copied = bytes.copied()
        try performOn(file, .write) { (state, node) throws(UVError) in
            // As much as there is room for is written before the error, as on a real disk.
            let size = state.disk.nodes[node]?.data.count ?? 0
            let growth = max(0, Int(offset) + copied.count - size)
            let room = state.faults.capacityBytes.map { $0 - state.disk.usedBytes } ?? growth
            let fitting = copied.count - max(0, growth - max(0, room))
            let part = Array(copied.prefix(fitting))
            state.disk.write(part.span, to: node, at: Int(offset), now: state.nowSeconds)
            if fitting < copied.count { throw .noSpace }
        } onFailure: { state, node in
            let part = Array(copied.prefix(copied.count / 2))
            state.disk.write(part.span, to: node, at: Int(offset), now: state.nowSeconds)
        }
    }

    package func synchronize(_ file: FileDescriptor) throws(UVError) {
        try performOn(file, .synchronize) { (state, node) in
            state.disk.synchronize(node)
        } onFailure: { state, node in
            state.disk.forget(node)
        }
    }

    package func synchronizeData(_ file: FileDescriptor) throws(UVError) {
        try performOn(file, .synchronizeData) { (state, node) in
            state.disk.synchronize(node)
        } onFailure: { state, node in
            state.disk.forget(node)
        }
    }

    package func beginWriteBack(
        _ file: FileDescriptor,
        _ range: Range<UInt64>
    ) throws(UVError) {
        // Nothing is safe by it.
        try performOn(file, .beginWriteBack) { _, _ in }
    }

    package func finishWriteBack(
        _ file: FileDescriptor,
        _ range: Range<UInt64>
    ) throws(UVError) {
        // Nor by this: the disk has it, but perhaps in a cache that a power cut empties.
        try performOn(file, .finishWriteBack) { _, _ in }
    }

    package func synchronizeFileSystem(of file: FileDescriptor) throws(UVError) {
        try performOn(file, .synchronizeFileSystem) { (state, _) in
            for node in state.disk.nodes.keys { state.disk.synchronize(node) }
        }
    }

    package func truncate(_ file: FileDescriptor, to sizeBytes: UInt64) throws(UVError) {
        try performOn(file, .truncate) { (state, node) in
            state.disk.truncate(node, to: Int(sizeBytes), now: state.nowSeconds)
        }
    }

    package func lock(_ file: FileDescriptor) throws(UVError) {
        try performOn(file, .lock) { (state, node) throws(UVError) in
            if let holder = state.locks[node], holder != file { throw .wouldBlock }
            state.locks[node] = file
        }
    }

    package func status(of path: String) throws(UVError) -> FileStatus {
        try perform(.status, path) { (state) throws(UVError) in
            state.status(of: try state.disk.find(path))
        }
    }

    package func status(of file: FileDescriptor) throws(UVError) -> FileStatus {
        try performOn(file, .status) { (state, node) in state.status(of: node) }
    }

    package func link(_ existing: String, to new: String) throws(UVError) {
        try perform(.link, new) { (state) throws(UVError) in
            try state.disk.link(existing, to: new)
        }
    }

    package func rename(_ old: String, to new: String) throws(UVError) {
        try perform(.rename, new) { (state) throws(UVError) in
            try state.disk.rename(old, to: new)
        }
    }

    package func remove(_ path: String) throws(UVError) {
        try perform(.remove, path) { (state) throws(UVError) in
            try state.disk.remove(path, isDirectory: false)
        }
    }

    package func makeDirectory(_ path: String, permissions: UInt32) throws(UVError) {
        try perform(.makeDirectory, path) { (state) throws(UVError) in
            _ = try state.disk.make(
                .directory,
                at: path,
                permissions: permissions,
                modifiedSeconds: state.nowSeconds
            )
        }
    }

    package func removeDirectory(_ path: String) throws(UVError) {
        try perform(.removeDirectory, path) { (state) throws(UVError) in
            try state.disk.remove(path, isDirectory: true)
        }
    }

    package func list(_ path: String) throws(UVError) -> [String] {
        try perform(.list, path) { (state) throws(UVError) in
            let node = try state.disk.find(path)
            guard state.disk.nodes[node]?.kind == .directory else { throw .notDirectory }
            return (state.disk.nodes[node]?.entries.keys).map { Array($0) } ?? []
        }
    }
}

extension MemoryFileSystem.State {
    mutating func addFile(_ node: Int, _ path: String) -> FileDescriptor {
        let file = FileDescriptor(raw: nextDescriptor)
        nextDescriptor += 1
        files[file] = MemoryFileSystem.OpenFile(node: node, path: path)
        return file
    }

    func status(of node: Int) -> FileStatus {
        let found = disk.nodes[node]
        return FileStatus(
            kind: found?.kind ?? .other,
            sizeBytes: UInt64(found?.data.count ?? 0),
            linkCount: UInt64(disk.linkCount(of: node)),
            inode: UInt64(node),
            permissions: found?.permissions ?? 0,
            modifiedSeconds: found?.modifiedSeconds ?? 0
        )
    }
}

extension Span where Element == UInt8 {
    fileprivate func copied() -> [UInt8] {
        Array(capacity: count) { (out: inout OutputSpan<UInt8>) in
            for i in indices { out.append(self[i]) }
        }
    }
}
