internal import FoundationEssentials

/// A row of the page *Request smuggling*, whose tables are what these tests are about.
///
/// The page says how it is to be read; `Tests/clients/smuggling.py` reads it, too.
package struct SmugglingForm: Sendable {
    /// What a reader makes of the bytes.
    package enum Answer: Hashable, Sendable {
        /// All bytes belong to the requests that were seen.
        case complete
        /// The last request is not complete.
        case waiting
        /// What follows the requests that were seen is refused.
        case refused(status: Int, code: String)
    }

    /// The section and the row, for whoever reads a failure.
    package let name: String
    /// All bytes of the connection.
    package let bytes: [UInt8]
    /// The targets of the requests that are found, in their order.
    package let targets: [String]
    /// How it ends.
    package let answer: Answer

    /// The page is not what its own beginning says.
    package struct BadRow: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads the page.
    ///
    /// - Returns: its rows, in their order.
    /// - Throws: a `BadRow`, or why the page cannot be read.
    package static func all() throws -> [SmugglingForm] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = root.appending(path: "Sources/HTTP1/Documentation.docc/RequestSmuggling.md")
        let text = try String(decoding: Data(contentsOf: page), as: UTF8.self)
        var forms: [SmugglingForm] = []
        var (section, frame) = ("", "")
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
            if line.contains(placeholder), !line.contains("`") { frame = String(line) }
            let cells = line.split(separator: " | ")
            guard line.hasPrefix("| "), cells.count == 5, cells[1].first == "`" else { continue }
            forms.append(try SmugglingForm(cells, section: section, frame: frame))
        }
        return forms
    }

    private static let placeholder = "{form}"

    private init(_ cells: [Substring], section: String, frame: String) throws {
        name = "\(section): \(cells[0].dropFirst(2))"
        let form = String(cells[1].dropFirst().dropLast())
        bytes = try Self.unescape(frame.replacing(Self.placeholder, with: form), name)
        targets = cells[2] == "none" ? [] : Self.codeSpans(cells[2])
        switch cells[3] {
        case "ok": answer = .complete
        case "waits": answer = .waiting
        default:
            guard let status = Int(cells[3].prefix(3)), let code = Self.codeSpans(cells[3]).first
            else { throw BadRow(description: "\(name): no answer in \(cells[3])") }
            answer = .refused(status: status, code: code)
        }
    }

    private static func codeSpans(_ cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    private static func unescape(_ text: String, _ name: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard let value = UInt8(digits, radix: 16) else { fallthrough }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: throw BadRow(description: "\(name): an unknown escape in \(text)")
            }
        }
        return bytes
    }
}

extension SmugglingForm: CustomStringConvertible {
    package var description: String { name }
}
