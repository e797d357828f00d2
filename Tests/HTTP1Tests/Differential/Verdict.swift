import Bytes
import Foundation
import HTTP1

/// What a parser made of the first request in some bytes.
enum Verdict: Equatable {
    case refused(code: String)
    /// The head was accepted. `isComplete` tells whether the end of the request was found.
    case accepted(Request)
    /// No head yet, and nothing wrong so far.
    case pending

    struct Request: Equatable {
        var method: String
        var url: String
        var fieldCount: Int
        var body: [UInt8]
        var isComplete: Bool
    }
}

extension Verdict {
    /// Our own verdict.
    init(ofOurs bytes: [UInt8]) {
        var parser = RequestParser(limits: HTTPLimits())
        var offset = 0
        var request: Request?
        do throws(HTTPError) {
            while request?.isComplete != true {
                switch try parser.next(bytes.span, at: &offset) {
                case .needMoreData:
                    self = request.map { .accepted($0) } ?? .pending
                    return
                case .head:
                    let head = parser.head
                    request = Request(
                        method: head.method.rawValue,
                        url: head.targetText,
                        fieldCount: head.fields.count,
                        body: [],
                        isComplete: false
                    )
                case .body(let range):
                    request?.body += bytes[range]
                case .end:
                    request?.isComplete = true
                }
            }
            self = request.map { .accepted($0) } ?? .pending
        } catch {
            self = .refused(code: error.code)
        }
    }

    /// Node's verdict, from one line of `verdicts.mjs`.
    init(parsing line: String) throws {
        struct Report: Decodable {
            var refused: String?
            var method: String?
            var url: String?
            var fields: Int?
            var body: String?
            var complete: Bool?
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(line.utf8))
        if let code = report.refused {
            self = .refused(code: code)
        } else if let method = report.method {
            let digits = Array((report.body ?? "").utf8)
            let body = stride(from: 0, to: digits.count, by: 2).map { index in
                let high = Hex.value(ofLowerCaseDigit: digits[index]) ?? 0
                return high << 4 | (Hex.value(ofLowerCaseDigit: digits[index + 1]) ?? 0)
            }
            self = .accepted(
                Request(
                    method: method,
                    url: report.url ?? "",
                    fieldCount: report.fields ?? 0,
                    body: body,
                    isComplete: report.complete ?? false
                )
            )
        } else {
            self = .pending
        }
    }
}

/// Node's parser, run as one process for many requests.
enum Node {
    /// Where Debian and most others put it.
    static let path = "/usr/bin/node"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static func verdicts(of requests: [[UInt8]]) throws -> [Verdict] {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "verdicts.mjs")
        var input: [UInt8] = []
        for request in requests {
            input.appendLittleEndian(UInt32(request.count))
            input += request
        }
        let file = FileManager.default.temporaryDirectory
            .appending(path: "http1-requests-\(ProcessInfo.processInfo.processIdentifier)")
        try Data(input).write(to: file)
        defer {
            // Only a temporary file: if it stays, nobody is hurt.
            try? FileManager.default.removeItem(at: file)
        }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = [script.path()]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
            try Verdict(parsing: String(line))
        }
    }
}
