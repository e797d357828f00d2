/// The upload links, and when to forget them.
///
/// Links lie in 4,096 small dictionaries by the first bits of their ids, which are random, so that
/// none grows large enough for its growing to be felt. For forgetting, their ids also lie in
/// buckets by the hour of expiry; each operation may empty a few entries of the buckets whose time
/// is over, so that ten million links that expire in the same hour never cost one request more than
/// a few.
///
/// Time is the wall clock's, since a link was handed out with the date at which it expires: after a
/// clock was put back that date is later, and so is the end of the link. A clock that runs ahead
/// ends links early, for as long as it does; only those that it shows to have expired more than a
/// day ago are forgotten for good.
struct LinkTable: Sendable {
    /// How long an expired link is remembered: the contract promises a day of `410`.
    static let remembranceSeconds: Int64 = 86_400
    /// Width of a bucket: a link is forgotten at most this much later than need be.
    private static let bucketSeconds: Int64 = 3600
    /// Entries forgotten by one operation at most.
    ///
    /// More than one, so that forgetting is faster than
    /// adding; few, so that no operation is slow.
    static let forgottenAtOnce = 8
    private static let shardBits = 12

    private(set) var shards = [[LinkID: Int64]](repeating: [:], count: 1 << shardBits)
    private var buckets: [Int64: ChunkedArray<LinkID>] = [:]
    /// No bucket before this one exists: where the search for the next begins.
    private var oldestBucket: Int64?
    /// How many links are remembered.
    private(set) var count = 0

    /// Adds a link, or sets a new expiry for one.
    ///
    /// - Parameter link: the link.
    /// - Complexity: O(1).
    mutating func add(_ link: UploadLink) {
        let previous = shards[Self.shard(of: link.id)].updateValue(link.expiresAt, forKey: link.id)
        if previous == nil { count += 1 }
        let bucket = Self.bucket(of: link.expiresAt)
        buckets[bucket, default: ChunkedArray(chunkBits: 10)].append(link.id)
        oldestBucket = min(oldestBucket ?? bucket, bucket)
    }

    /// Finds out what the name of a link stands for.
    ///
    /// - Parameters:
    ///   - id: the link's name.
    ///   - now: seconds since 1970.
    /// - Returns: the same whether or not an old link has been forgotten yet.
    func resolve(_ id: LinkID, now: Int64) -> LinkResolution {
        guard let expiresAt = shards[Self.shard(of: id)][id] else { return .unknown }
        if now < expiresAt { return .valid(UploadLink(id: id, expiresAt: expiresAt)) }
        return Self.isForgotten(expiresAt, now: now) ? .unknown : .expired
    }

    /// Forgets a few of the links that expired long enough ago.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Complexity: O(`forgottenAtOnce`), and a search among the hours when a bucket is used up.
    mutating func forget(now: Int64) {
        for _ in 0..<Self.forgottenAtOnce {
            guard let bucket = oldestBucket else { return }
            let lastExpiry = bucket * Self.bucketSeconds + (Self.bucketSeconds - 1)
            guard Self.isForgotten(lastExpiry, now: now) else { return }
            guard let id = buckets[bucket]?.popLast() else {
                buckets[bucket] = nil
                oldestBucket = buckets.keys.min()
                continue
            }
            // Another expiry means that the link was added again, and stands in another bucket too.
            let shard = Self.shard(of: id)
            if let expiresAt = shards[shard][id], Self.bucket(of: expiresAt) == bucket {
                shards[shard][id] = nil
                count -= 1
            }
        }
    }

    /// Tells whether a link with a given expiry is not remembered any more.
    ///
    /// - Parameters:
    ///   - expiresAt: seconds since 1970.
    ///   - now: seconds since 1970.
    /// - Returns: true when more than `remembranceSeconds` have gone by since.
    static func isForgotten(_ expiresAt: Int64, now: Int64) -> Bool {
        let (end, overflow) = expiresAt.addingReportingOverflow(remembranceSeconds)
        return !overflow && now > end
    }

    private static func bucket(of expiresAt: Int64) -> Int64 {
        // Clamped so that no time, however mad, overflows the arithmetic on buckets.
        max(0, min(expiresAt, Int64.max / 4)) / bucketSeconds
    }

    private static func shard(of id: LinkID) -> Int { Int(id.high >> (64 - shardBits)) }
}
