/// The camera names, each kept once and known by a number, with the images of each.
///
/// Keeps the most frequent ones in order all the time, so that reading them costs the same whether
/// ten names are known or a million. A count only ever grows by one, and only the camera that grew
/// can have overtaken another: one insertion-sort step a commit is all it takes.
struct CameraTable: Sendable {
    /// The number of images that have no camera.
    static let none: UInt32 = 0

    /// Names in order of arrival; camera number `k` is at index `k - 1`.
    ///
    /// Kept as UTF-8 because `String` takes canonically equivalent names for the same, and a name
    /// stays as the camera wrote it.
    private(set) var names = ChunkedArray<[UInt8]>(chunkBits: 8)
    private var counts = ChunkedArray<UInt64>(chunkBits: 10)
    private var index = ShardedIndex()
    /// Numbers of the most frequent cameras, best first.
    private var top: [UInt32] = []
    private let limit: Int

    /// Makes an empty table.
    ///
    /// - Parameter limit: the most names it keeps.
    init(limit: Int) {
        self.limit = limit
        top.reserveCapacity(Statistics.cameraCount + 1)
    }

    /// Finds or gives the number of a name.
    ///
    /// - Parameter name: UTF-8, not empty; `nil` for an image without a camera.
    /// - Returns: its number, or `none` when it is new and the table is full.
    mutating func number(of name: [UInt8]?) -> UInt32 {
        guard let name else { return Self.none }
        let hash = Self.hash(name)
        if let found = index.find(hash: hash, matches: { names[$0] == name }) {
            return UInt32(found + 1)
        }
        guard names.count < limit else { return Self.none }
        index.insert(names.count, hash: hash)
        names.append(name)
        counts.append(0)
        return UInt32(names.count)
    }

    /// Counts one more image of a camera.
    ///
    /// - Parameter number: the camera's number; `none` is not counted.
    /// - Complexity: O(`Statistics.cameraCount`).
    mutating func count(_ number: UInt32) {
        guard number != Self.none else { return }
        counts[Int(number) - 1] += 1
        var place: Int
        if let present = top.firstIndex(of: number) {
            place = present
        } else if top.count < Statistics.cameraCount {
            top.append(number)
            place = top.count - 1
        } else if let last = top.last, isBetter(number, than: last) {
            place = top.count - 1
            top[place] = number
        } else {
            return
        }
        while place > 0, isBetter(number, than: top[place - 1]) {
            top.swapAt(place, place - 1)
            place -= 1
        }
    }

    /// The most frequent cameras, best first, at most `Statistics.cameraCount`.
    var mostFrequent: [Statistics.Camera] {
        top.map { number in
            Statistics.Camera(name: name(of: number), images: counts[Int(number) - 1])
        }
    }

    /// Gives the name of a camera.
    ///
    /// - Parameter number: its number, not `none`.
    /// - Returns: the name.
    func name(of number: UInt32) -> String {
        String(decoding: names[Int(number) - 1], as: UTF8.self)
    }

    private func isBetter(_ left: UInt32, than right: UInt32) -> Bool {
        let (leftCount, rightCount) = (counts[Int(left) - 1], counts[Int(right) - 1])
        guard leftCount == rightCount else { return leftCount > rightCount }
        return names[Int(left) - 1].lexicographicallyPrecedes(names[Int(right) - 1])
    }

    /// Hashes with the key that the process drew at its start, so that nobody can choose names that
    /// fall into one slot.
    private static func hash(_ name: [UInt8]) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(name)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
