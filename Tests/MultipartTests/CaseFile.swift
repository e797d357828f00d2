import FoundationEssentials
import Multipart
import Testing

/// A body and what a parser must say about it, in two files that share their name.
///
/// To add a case, add two files to `Cases`: the name is the sentence that fails. `<name>.http` is
/// one `Content-Type` line, an empty line, and the body, with every CR and LF as it is on the wire.
/// `<name>.events` has one line for each event, as `Recording` prints them.
struct CaseFile: Sendable, CustomTestStringConvertible {
    var name: String
    var boundary: Boundary
    var body: [UInt8]
    var events: String

    var testDescription: String { name }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Cases")
    private static let opening = Array("Content-Type: multipart/form-data; boundary=".utf8)
    private static let emptyLine = Array("\r\n\r\n".utf8)

    /// The names of all cases.
    static func allNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(".http") }
            .map { String($0.dropLast(".http".count)) }
            .sorted()
    }

    /// Reads one case.
    init(named name: String) throws {
        let http = try [UInt8](Data(contentsOf: Self.folder.appending(path: "\(name).http")))
        try #require(http.starts(with: Self.opening))
        let rest = http.dropFirst(Self.opening.count)
        let boundaryEnd = try #require(rest.firstRange(of: Self.emptyLine))
        self.name = name
        boundary = try #require(Boundary(rest[..<boundaryEnd.lowerBound]))
        body = Array(rest[boundaryEnd.upperBound...])
        let events = try Data(contentsOf: Self.folder.appending(path: "\(name).events"))
        self.events = String(decoding: events.dropLast(), as: UTF8.self)
    }
}
