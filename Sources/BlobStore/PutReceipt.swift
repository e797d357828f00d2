package import Bytes
internal import Synchronization

/// The claim that a successful put has on its blobs, until it is confirmed or revoked.
///
/// A receipt that is released without either leaves blobs and temporary names as they are: whether
/// the catalog has them is unknown, and the next start asks it.
package final class PutReceipt: Sendable {
    /// The ids of the blobs, in the order of the put.
    package let ids: [BlobID]

    /// What the store keeps for each blob.
    let entries: [Entry]
    private let isSettled = Atomic<Bool>(false)

    /// One blob of the put.
    struct Entry: Hashable, Sendable {
        var id: BlobID
        /// The name in `incoming/`; in memory, a number in words.
        var temporary: String
    }

    init(entries: [Entry]) {
        self.entries = entries
        ids = entries.map(\.id)
    }

    /// Settles the claim.
    ///
    /// - Returns: true for the first call only.
    func settle() -> Bool { !isSettled.exchange(true, ordering: .relaxed) }
}
