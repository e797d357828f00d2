internal import UV

/// What a `MemoryFileSystem` keeps: for each file and directory what programs see, and what would
/// still be there after a power cut.
///
/// The model is the weakest that POSIX allows and Linux file systems keep in practice:
/// - Data is safe after `fsync` or `fdatasync` of its file, names after `fsync` of their directory.
/// - Of data that is not safe each sector of 512 bytes may be there or not, and the size as well.
/// - Of changes to one directory that are not safe, the first few may be there; a rename is one
///   change. File systems that journal their metadata (ext4, XFS, btrfs) keep more: the first few
///   of all changes. `PowerCut` has both.
/// - A flush of a file that failed is reported once and forgotten: what it should have written
///   counts as written from then on, and is not on the disk, whatever later flushes answer (Linux;
///   fsync(2), "ERRORS"). Directories are not forgotten: when their journal fails, all of the file
///   system does.
struct MemoryDisk: Sendable {
    /// The unit that a disk writes as a whole.
    static let sectorBytes = 512

    /// One change of a directory: names that are set or, with `nil`, taken away, all at once.
    typealias EntryChange = [(name: String, node: Int?)]

    /// A change that a power cut may lose.
    struct UnsafeChange: Sendable {
        /// Its place among the changes of all directories.
        let order: Int
        let change: EntryChange
    }

    struct Node: Sendable {
        var kind: FileStatus.Kind
        var permissions: UInt32
        var modifiedSeconds: Int64
        var data: [UInt8] = []
        var safeData: [UInt8] = []
        var entries: [String: Int] = [:]
        var safeEntries: [String: Int] = [:]
        var unsafeChanges: [UnsafeChange] = []
        /// Sectors that a failed flush has left out and no later write has touched.
        var forgottenSectors: Set<Int> = []
    }

    var nodes: [Int: Node] = [
        0: Node(kind: .directory, permissions: 0o755, modifiedSeconds: 0)
    ]
    /// Changes with everything that a power cut would leave otherwise than before.
    private(set) var changeCount = 0
    private var nextNode = 1
    private var nextOrder = 1
    /// Changes of directories up to this one are safe where metadata is journaled.
    private var journaledOrder = 0

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
        nodes[directory]?.unsafeChanges.append(UnsafeChange(order: nextOrder, change: change))
        nextOrder += 1
        nodes[directory]?.entries.apply(change)
        changeCount += 1
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
        changeCount += 1
        guard nodes[node]?.forgottenSectors.isEmpty == false, bytes.count > 0 else { return }
        let touched = offset / Self.sectorBytes...(end - 1) / Self.sectorBytes
        nodes[node]?.forgottenSectors.subtract(touched)
    }

    mutating func truncate(_ node: Int, to size: Int, now: Int64) {
        changeCount += 1
        let current = nodes[node]?.data.count ?? 0
        if current > size {
            nodes[node]?.data.removeLast(current - size)
            let kept = (size + Self.sectorBytes - 1) / Self.sectorBytes
            nodes[node]?.forgottenSectors.formIntersection(0..<kept)
        } else {
            nodes[node]?.data += [UInt8](repeating: 0, count: size - current)
        }
        nodes[node]?.modifiedSeconds = now
    }

    /// Makes what programs see of a file or directory safe.
    mutating func synchronize(_ node: Int) {
        guard var kept = nodes[node] else { return }
        guard kept.data != kept.safeData || !kept.unsafeChanges.isEmpty else { return }
        changeCount += 1
        if let last = kept.unsafeChanges.last { journaledOrder = max(journaledOrder, last.order) }
        var safeData = kept.data
        for start in kept.forgottenSectors.map({ $0 * Self.sectorBytes }) {
            for i in start..<min(start + Self.sectorBytes, safeData.count) {
                safeData[i] = i < kept.safeData.count ? kept.safeData[i] : 0
            }
        }
        kept.safeData = safeData
        kept.safeEntries = kept.entries
        kept.unsafeChanges = []
        nodes[node] = kept
    }

    /// Takes a failed flush of a file for done, as Linux does.
    mutating func forget(_ node: Int) {
        guard let file = nodes[node], file.kind == .file else { return }
        changeCount += 1
        for start in stride(from: 0, to: file.data.count, by: Self.sectorBytes) {
            let range = start..<min(start + Self.sectorBytes, file.data.count)
            let isSafe =
                range.upperBound <= file.safeData.count && file.data[range] == file.safeData[range]
            if !isSafe { nodes[node]?.forgottenSectors.insert(start / Self.sectorBytes) }
        }
    }

    /// All bytes of all files that have a name.
    var usedBytes: Int { nodes.values.reduce(0) { $0 + $1.data.count } }

    // MARK: Power cut

    /// Loses what is not safe.
    mutating func loseUnsafe(_ cut: inout PowerCut) {
        let lastJournaled = cut.choose(journaledOrder...max(journaledOrder, nextOrder - 1))
        for (number, node) in nodes.sorted(by: { $0.key < $1.key }) {
            var lost = node
            lost.data = Self.surviving(node, &cut)
            lost.entries = node.safeEntries
            let kept = cut.isMetadataJournaled ? 0 : cut.choose(0...node.unsafeChanges.count)
            for (i, change) in node.unsafeChanges.enumerated()
            where cut.isMetadataJournaled ? change.order <= lastJournaled : i < kept {
                lost.entries.apply(change.change)
            }
            lost.safeData = lost.data
            lost.safeEntries = lost.entries
            lost.unsafeChanges = []
            lost.forgottenSectors = []
            nodes[number] = lost
        }
        journaledOrder = nextOrder - 1
        // Names of files that were never made safe themselves stay, as on a real disk: empty files.
    }

    private static func surviving(_ node: Node, _ cut: inout PowerCut) -> [UInt8] {
        guard cut.random != nil, node.data != node.safeData else { return node.safeData }
        let size = cut.choose(0...1) == 1 ? node.data.count : node.safeData.count
        var out = [UInt8](repeating: 0, count: size)
        for start in stride(from: 0, to: size, by: sectorBytes) {
            let source = cut.choose(0...1) == 1 ? node.data : node.safeData
            for i in start..<min(start + sectorBytes, size) where i < source.count {
                out[i] = source[i]
            }
        }
        return out
    }
}

/// What a power cut takes of that which is not safe.
struct PowerCut {
    /// Chooses; without one all of it is taken.
    var random: SeededRandom?
    /// Whether directories lose their last changes together, as with a journal, or each its own.
    var isMetadataJournaled = false

    /// Chooses a number; the least when all is taken.
    mutating func choose(_ range: ClosedRange<Int>) -> Int {
        guard var generator = random else { return range.lowerBound }
        defer { random = generator }
        return Int.random(in: range, using: &generator)
    }
}

extension [String: Int] {
    fileprivate mutating func apply(_ change: MemoryDisk.EntryChange) {
        for (name, node) in change { self[name] = node }
    }
}
