internal import Bytes

/// Who needs which blob between its put and its confirm or revoke: the rule by which a blob that
/// was put in vain may be removed again.
///
/// Two uploads may bring the same new content at the same time. The first makes the file, the
/// second finds it; either may fail. So the file is removed only when
/// 1. one of the present claims made it (it was not there before them), and
/// 2. the last claim ends, and
/// 3. none of them was confirmed.
///
/// The temporary name whose link made the file is kept as long as that is open: after a crash it is
/// what tells the next start to ask the catalog about the blob.
struct Claims: Sendable {
    private struct Claim: Sendable {
        var holders = 0
        /// The temporary name whose link made the file.
        var maker: String?
        var isConfirmed = false
        /// Names of revoked puts that wait for the end of the claim: the maker's.
        var deferred: [String] = []
    }

    private var claims: [BlobID: Claim] = [:]

    init() {}

    /// What is to be done when a claim has ended.
    enum Outcome: Hashable, Sendable {
        /// The blob stays; these temporary names are of no use any more.
        case keep(dropping: [String])
        /// The blob goes first, then the temporary names.
        case remove(thenDropping: [String])
    }

    /// Whether no claim is open.
    var isEmpty: Bool { claims.isEmpty }

    /// Whether a put that has not ended needs the blob.
    func isHeld(_ id: BlobID) -> Bool { claims[id] != nil }

    /// Begins a claim.
    ///
    /// - Parameters:
    ///   - entry: the blob and the temporary name that brought it.
    ///   - isMaker: whether the link of this very name made the file.
    mutating func hold(_ entry: PutReceipt.Entry, isMaker: Bool) {
        claims[entry.id, default: Claim()].holders += 1
        if isMaker { claims[entry.id]?.maker = entry.temporary }
    }

    /// Ends a claim on a blob that the catalog has.
    ///
    /// - Parameter entry: as passed to `hold`.
    /// - Returns: always `keep`.
    mutating func confirm(_ entry: PutReceipt.Entry) -> Outcome {
        var claim = end(entry)
        let names = [entry.temporary] + claim.deferred
        claim.isConfirmed = true
        claim.deferred = []
        keep(claim, of: entry.id)
        return .keep(dropping: names)
    }

    /// Ends a claim on a blob that the catalog does not have, as far as this put is concerned.
    ///
    /// - Parameter entry: as passed to `hold`.
    /// - Returns: what to do.
    mutating func release(_ entry: PutReceipt.Entry) -> Outcome {
        var claim = end(entry)
        if claim.holders > 0, !claim.isConfirmed, claim.maker == entry.temporary {
            claim.deferred.append(entry.temporary)
            keep(claim, of: entry.id)
            return .keep(dropping: [])
        }
        keep(claim, of: entry.id)
        let isOver = claim.holders == 0
        let names = [entry.temporary] + (isOver ? claim.deferred : [])
        if isOver, !claim.isConfirmed, claim.maker != nil {
            return .remove(thenDropping: names)
        }
        return .keep(dropping: names)
    }

    private func end(_ entry: PutReceipt.Entry) -> Claim {
        guard var claim = claims[entry.id] else {
            preconditionFailure("a claim ended that never began")
        }
        claim.holders -= 1
        return claim
    }

    private mutating func keep(_ claim: Claim, of id: BlobID) {
        claims[id] = claim.holders == 0 ? nil : claim
    }
}
