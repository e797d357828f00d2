// Compiled with Tests/ServerTests/Harness/*.swift
import Bytes
import HTTP1

/// Fuzzes the whole server: what one client sends on one connection, however it is cut.
///
/// The first byte of the input seeds the cut, the rest is sent twice, as it is and in pieces, to a
/// server with its real endpoints whose files are in memory. Whatever comes, it does not crash or
/// hang, answers with well-formed responses, answers no more than it was asked and nothing twice,
/// does not care about the cut, and lets go of everything.
@c(LLVMFuzzerTestOneInput)
public func fuzzServer(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    // SAFETY: libFuzzer promises `count` readable bytes for the time of this call.
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))
    let input = Array(bytes.dropFirst())
    let requests = Conversation(input)
    let pieceBytes = max(1 + Int(bytes[0]) % 61, input.count / Conversation.piecesMax + 1)
    let pieces = stride(from: 0, to: input.count, by: pieceBytes).map {
        $0..<min($0 + pieceBytes, input.count)
    }
    do {
        let whole = try World.current().answers(to: requests, cutAt: [0..<input.count])
        // A server that has kept an image could answer another thing the next time.
        let hasKept = requests.haveUploaded(whole)
        if hasKept { try World.end() }
        let cut = try World.current().answers(to: requests, cutAt: pieces)
        requests.requireSame(whole, cut)
        if hasKept { try World.end() }
    } catch {
        preconditionFailure("\(error)")
    }
    return 0
}

/// What a client sends, and what is known of it without a server.
struct Conversation {
    /// More pieces would cost time and find nothing that fewer do not.
    static let piecesMax = 48
    private static let uploadPath = "/api/upload-images/"

    let input: [UInt8]
    private(set) var heads: [(method: String, target: String)] = []
    /// Whether the bytes behind the last request are refused.
    private(set) var isRefused = false
    /// Whether the last request is complete.
    private(set) var isComplete = true

    /// Reads the requests as the parser alone sees them.
    init(_ input: [UInt8]) {
        self.input = input
        var parser = RequestParser(limits: HTTPLimits())
        var offset = 0
        do throws(HTTPError) {
            var event = try parser.next(input.span, at: &offset)
            while event != .needMoreData {
                if event == .head {
                    let target = parser.head.withTarget {
                        String(decoding: $0.copy(), as: UTF8.self)
                    }
                    heads.append((parser.head.method.rawValue, target))
                }
                event = try parser.next(input.span, at: &offset)
            }
            isComplete = parser.isBetweenRequests
        } catch {
            isRefused = true
        }
    }

    /// Each request is answered at most once, and if the connection was not ended, just once.
    func check(_ answers: [Answer]) {
        let expected = heads.count + (isRefused ? 1 : 0)
        precondition(answers.count <= expected, "\(answers.count) answers to \(expected) requests")
        for answer in answers.dropLast() {
            precondition(!answer.isClosing, "a response follows one that ends the connection")
        }
        if isComplete, answers.last?.isClosing != true {
            precondition(answers.count == expected, "a request was not answered")
        }
    }

    /// Whether one of the answers is to an upload that was kept.
    func haveUploaded(_ answers: [Answer]) -> Bool {
        zip(heads, answers).contains { head, answer in
            answer.status == 200 && head.target.contains(Self.uploadPath)
        }
    }

    /// Two cuts of the same bytes have to be answered alike.
    ///
    /// Only how an upload is refused may differ: whether its file or its framing is seen to be
    /// broken first depends on how far the other thread is.
    func requireSame(_ whole: [Answer], _ cut: [Answer]) {
        for index in 0..<max(whole.count, cut.count) {
            let one = index < whole.count ? whole[index] : nil
            let other = index < cut.count ? cut[index] : nil
            if let one, let other, one.comparable == other.comparable { continue }
            let isUpload =
                index < heads.count && heads[index].target.contains(Self.uploadPath)
            let bothRefuse = [one, other].allSatisfy { $0.map { $0.status >= 400 } ?? true }
            precondition(isUpload && bothRefuse, "whole: \(whole)\ncut: \(cut)")
            return
        }
    }
}
