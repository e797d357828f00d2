import HTTP1
import Testing

/// Our parser beside Node's, over made-up requests.
///
/// Where they differ, this table says why we want it so; every other difference fails. We may be
/// stricter than Node, never more lenient.
@Suite struct `Differential test against Node` {
    static let requestCount = 6_000

    @Test(.enabled(if: Node.isInstalled, "there is no /usr/bin/node to compare with"))
    func `the verdicts are the same but for the table`() throws {
        var generator = RequestGenerator(seed: 2_026)
        let requests = (0..<Self.requestCount).map { _ in generator.next() }
        let theirs = try Node.verdicts(of: requests)
        try #require(theirs.count == requests.count)
        var agreed = (accepted: 0, refused: 0)
        var kept: [String: Int] = [:]
        for (request, their) in zip(requests, theirs) {
            let our = Verdict(ofOurs: request)
            switch (our, their) {
            case (.refused, .refused): agreed.refused += 1
            case _ where our == their: agreed.accepted += 1
            default:
                guard let difference = Self.difference(our, their) else {
                    let text = String(decoding: request, as: UTF8.self).debugDescription
                    Issue.record("ours: \(our), Node's: \(their), request: \(text)")
                    continue
                }
                kept[difference, default: 0] += 1
            }
        }
        // The test is only worth something when both kinds are there in numbers.
        #expect(agreed.accepted > Self.requestCount / 10 && agreed.refused > Self.requestCount / 10)
        // A row that nothing needs any more is a row too many.
        let needless = Self.stricter.keys.filter { reason in
            !kept.keys.contains { $0.hasPrefix(reason.rawValue + ":") }
        }
        #expect(needless.isEmpty)
    }
}

/// The differences that we keep.
extension `Differential test against Node` {
    /// What we refuse and Node accepts: our reason, and why we stay with it.
    static let stricter: [HTTPError.Reason: String] = [
        .invalidTransferEncoding:
            "RFC 9112 §6.1: an empty coding, or an empty element beside chunked, frames nothing",
        .unsupportedTransferCoding:
            "RFC 9112 §6.1: a coding that is not understood is answered 501",
        .transferEncodingInHTTP10: "RFC 9112 §6.1: such a message has faulty framing",
        .invalidTarget: "RFC 9112 §3.2: a target has one of four forms; Node hands on any text",
        .fragmentInTarget: "RFC 9112 §3.2: no form of a target has a fragment",
        .unsupportedVersion:
            "RFC 9110 §15.6.6: Node lets 2.0 and 0.9 pass as versions of a request",
        .invalidRequestLine: "RFC 9112 §3: a line without version is HTTP/0.9, gone since 1996",
        .repeatedHost: "RFC 9112 §3.2: more than one Host is answered 400",
        .invalidHost: "RFC 9112 §3.2: an invalid Host is answered 400",
    ]

    /// What Node refuses and we accept: methods that it does not know.
    ///
    /// RFC 9110 §9.1 leaves them to the resource, which answers 405 or 501; the framing of the
    /// message does not depend on them.
    static let methodsKnownToBoth: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
    ]

    static func difference(_ our: Verdict, _ their: Verdict) -> String? {
        switch (our, their) {
        case (.refused(let code), .accepted):
            let reason = HTTPError.Reason(rawValue: code)
            return reason.flatMap { stricter[$0] }.map { "\(code): \($0)" }
        case (.accepted(let request), .refused("HPE_INVALID_METHOD"))
        where !methodsKnownToBoth.contains(request.method):
            return "unknown method"
        default:
            return nil
        }
    }
}
