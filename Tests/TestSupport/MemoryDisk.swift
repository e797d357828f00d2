internal import UV

/// What a `MemoryFileSystem` keeps: for each file and directory what programs see, and what would
/// still be there after a power cut.
///
/// The model is the weakest that POSIX allows and Linux file systems keep in practice:
/// - Data is safe after `fsync` or `fdatasync` of its file, names after `fsync` of their directory.
/// - Of data that is not safe each sector of 512 bytes may be there or not, and the size as well.
/// - Of changes to one directory that are not safe, the first few may be there; a rename is one
///   change.
struct MemoryDisk: Sendable {
    /// The unit that a disk writes as a whole.
    static let sectorBytes = 512

    /// One change of a directory: names that are set or, with `nil`, taken away, all at once.
    typealias EntryChange = [(name: String, node: Int?)]

    struct Node: Sendable {
        var kind: FileStatus.Kind
        var permissions: UInt32
        var modifiedSeconds: Int64
        var data: [UInt8] = []
        var safeData: [UInt8] = []
        var entries: [String: Int] = [:]
        var safeEntries: [String: Int] = [:]
        var unsafeChanges: [EntryChange] = []
    }

    var nodes: [Int: Node] = [
        0: Node(kind: .directory, permissions: 0o755, modifiedSeconds: 0)
    ]
    private var nextNode = 1

    // MARK: Names

    /// Finds what stands at a path, without following a symbolic link anywhere.
    func find(_ path: String) throws(UVError) -> Int {
        var node = 0
        for name in path.split(separator: "/") {
            guard nodes[node]?.kind == .directory else { throw .notDirectory }
            guard let next = nodes[node]?.entries[String(name)] else { throw .notFound }
            node = next
        }
        return node
    }

    /// Finds the directory that a path's last name stands in, or is to stand in.
    func parent(of path: String) throws(UVError) -> (directory: Int, name: String) {
        let names = path.split(separator: "/")
        guard let name = names.last else { throw .invalidArgument }
        let directory = try find(names.dropLast().joined(separator: "/"))
        guard nodes[directory]?.kind == .directory else { throw .notDirectory }
        return (directory, String(name))
    }

    /// Makes a file, directory or symbolic link under a name that is free.
    mutating func make(
        _ kind: FileStatus.Kind,
        at path: String,
        permissions: UInt32,
        modifiedSeconds: Int64
    ) throws(UVError) -> Int {
        let (directory, name) = try parent(of: path)
        guard nodes[directory]?.entries[name] == nil else { throw .exists }
        let node = nextNode
        nextNode += 1
        nodes[node] = Node(kind: kind, permissions: permissions, modifiedSeconds: modifiedSeconds)
        change([(name, node)], in: directory)
        return node
    }

    mutating func link(_ existing: String, to new: String) throws(UVError) {
        let node = try find(existing)
        guard nodes[node]?.kind == .file else { throw .isDirectory }
        let (directory, name) = try parent(of: new)
        guard nodes[directory]?.entries[name] == nil else { throw .exists }
        change([(name, node)], in: directory)
    }

    mutating func rename(_ old: String, to new: String) throws(UVError) {
        let node = try find(old)
        let (oldDirectory, oldName) = try parent(of: old)
        let (newDirectory, newName) = try parent(of: new)
        if let replaced = nodes[newDirectory]?.entries[newName] {
            // Two names of one file: rename does nothing (POSIX).
            if replaced == node { return }
            guard nodes[replaced]?.kind != .directory else { throw .isDirectory }
        }
        if oldDirectory == newDirectory {
            change([(oldName, nil), (newName, node)], in: oldDirectory)
        } else {
            change([(newName, node)], in: newDirectory)
            change([(oldName, nil)], in: oldDirectory)
        }
    }

    mutating func remove(_ path: String, isDirectory: Bool) throws(UVError) {
        let node = try find(path)
        let (directory, name) = try parent(of: path)
        switch (nodes[node]?.kind, isDirectory) {
        case (.directory, false): throw .isDirectory
        case (.file, true), (.symbolicLink, true), (.other, true): throw .notDirectory
        default: break
        }
        guard nodes[node]?.entries.isEmpty == true else { throw .notEmpty }
        change([(name, nil)], in: directory)
    }

    private mutating func change(_ change: EntryChange, in directory: Int) {
        nodes[directory]?.unsafeChanges.append(change)
        nodes[directory]?.entries.apply(change)
    }

    /// How many names a node has.
    func linkCount(of node: Int) -> Int {
        nodes.values.reduce(0) { $0 + $1.entries.values.count { $0 == node } }
    }

    // MARK: Data

    mutating func write(_ bytes: Span<UInt8>, to node: Int, at offset: Int, now: Int64) {
        var data = nodes[node]?.data ?? []
        nodes[node]?.data = []
        let end = offset + bytes.count
        if data.count < end { data += [UInt8](repeating: 0, count: end - data.count) }
        for i in bytes.indices { data[offset + i] = bytes[i] }
        nodes[node]?.data = data
        nodes[node]?.modifiedSeconds = now
    }

    mutating func truncate(_ node: Int, to size: Int, now: Int64) {
        let current = nodes[node]?.data.count ?? 0
        if current > size {
            nodes[node]?.data.removeLast(current - size)
        } else {
            nodes[node]?.data += [UInt8](repeating: 0, count: size - current)
        }
        nodes[node]?.modifiedSeconds = now
    }

    /// Makes what programs see of a file or directory safe.
    mutating func synchronize(_ node: Int) {
        guard var kept = nodes[node] else { return }
        kept.safeData = kept.data
        kept.safeEntries = kept.entries
        kept.unsafeChanges = []
        nodes[node] = kept
    }

    /// All bytes of all files that have a name.
    var usedBytes: Int { nodes.values.reduce(0) { $0 + $1.data.count } }

    // MARK: Power cut

    /// Loses what is not safe, all of it or, with a generator, a part.
    mutating func loseUnsafe(using random: inout SeededRandom?) {
        for (number, node) in nodes.sorted(by: { $0.key < $1.key }) {
            var lost = node
            lost.data = Self.surviving(node, using: &random)
            lost.entries = node.safeEntries
            if random != nil, !node.unsafeChanges.isEmpty {
                let kept = Int.random(in: 0...node.unsafeChanges.count, using: &random)
                for change in node.unsafeChanges.prefix(kept) { lost.entries.apply(change) }
            }
            lost.safeData = lost.data
            lost.safeEntries = lost.entries
            lost.unsafeChanges = []
            nodes[number] = lost
        }
        // Names of files that were never made safe themselves stay, as on a real disk: empty files.
    }

    private static func surviving(_ node: Node, using random: inout SeededRandom?) -> [UInt8] {
        guard random != nil, node.data != node.safeData else { return node.safeData }
        let size = Bool.random(using: &random) ? node.data.count : node.safeData.count
        var out = [UInt8](repeating: 0, count: size)
        for start in stride(from: 0, to: size, by: sectorBytes) {
            let source = Bool.random(using: &random) ? node.data : node.safeData
            for i in start..<min(start + sectorBytes, size) where i < source.count {
                out[i] = source[i]
            }
        }
        return out
    }
}

extension [String: Int] {
    fileprivate mutating func apply(_ change: MemoryDisk.EntryChange) {
        for (name, node) in change { self[name] = node }
    }
}

extension Int {
    fileprivate static func random(
        in range: ClosedRange<Int>,
        using random: inout SeededRandom?
    ) -> Int {
        guard var generator = random else { return range.lowerBound }
        defer { random = generator }
        return Int.random(in: range, using: &generator)
    }
}

extension Bool {
    fileprivate static func random(using random: inout SeededRandom?) -> Bool {
        Int.random(in: 0...1, using: &random) == 1
    }
}
