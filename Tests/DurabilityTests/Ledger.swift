internal import Bytes
internal import Catalog
internal import UV

/// What the clients of a history know at one moment: what they were promised, and what they asked
/// for without a promise yet, or in vain.
struct Ledger: Sendable {
    /// Images whose upload was answered with success.
    private(set) var kept: [BlobID: Sent] = [:]
    /// Links that were handed out.
    private(set) var links: Set<UploadLink> = []
    /// Requests without an answer, or with a refusal: whole or not at all.
    private(set) var open: [[BlobID]] = []
    /// Everything that was ever sent.
    private(set) var sent: [BlobID: Sent] = [:]
    /// Changes with everything above.
    private(set) var changeCount = 0

    var openIDs: Set<BlobID> { Set(open.joined()).subtracting(kept.keys) }

    mutating func begin(_ request: [Sent]) {
        for image in request { sent[image.id] = image }
        open.append(request.map(\.id))
        changeCount += 1
    }

    mutating func acknowledge(_ request: [Sent]) {
        for image in request { kept[image.id] = image }
        if let i = open.firstIndex(of: request.map(\.id)) { open.remove(at: i) }
        changeCount += 1
    }

    mutating func acknowledge(_ link: UploadLink) {
        links.insert(link)
        changeCount += 1
    }

    /// After a rebuild, which knows files and no requests, each image of an unanswered request is
    /// there or not by itself.
    mutating func forgetRequests() {
        open = openIDs.map { [$0] }
        changeCount += 1
    }

    /// Takes for promised what a start has brought back: it is visible, so it has to stay.
    mutating func recovered(_ visible: Set<BlobID>) {
        for id in visible { kept[id] = sent[id] }
        changeCount += 1
    }
}

/// A ledger that a history's clients write and others read, from any thread.
final class LedgerBook: Sendable {
    private let ledger: Lock<Ledger>

    init(_ ledger: Ledger) { self.ledger = Lock(ledger) }

    /// What it says now.
    var now: Ledger { ledger.withLock { $0 } }

    func change<Failure: Error>(
        _ body: (inout Ledger) throws(Failure) -> Void
    ) throws(Failure) {
        try ledger.withLock { (ledger) throws(Failure) in try body(&ledger) }
    }
}

/// Something that must not be, in words.
struct Loss: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
