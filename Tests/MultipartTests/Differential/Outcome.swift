import Bytes
import Foundation
import Multipart

/// What a parser made of a whole body.
enum Outcome: Equatable {
    case refused
    case accepted([Part])

    struct Part: Equatable {
        var name: String?
        var filename: String?
        var content: [UInt8] = []
    }
}

extension Outcome {
    /// Our own.
    init(of recording: Recording) {
        var parts: [Part] = []
        for entry in recording.entries {
            switch entry {
            case .partBegan(let head): parts.append(Part(name: head.name, filename: head.filename))
            case .content(let bytes): parts[parts.count - 1].content = bytes
            case .partEnded, .end: break
            case .error:
                self = .refused
                return
            }
        }
        self = .accepted(parts)
    }

    /// The other's, from one line of `parse.py`.
    init(parsing line: Substring) throws {
        struct Report: Decodable {
            struct Part: Decodable {
                var name: String?
                var filename: String?
                var content: String
            }
            var parts: [Part]
            var ended: Bool
            var error: String?
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(line.utf8))
        guard report.ended && report.error == nil else {
            self = .refused
            return
        }
        self = .accepted(
            report.parts.map { part in
                let content = part.content.unicodeScalars.map { UInt8($0.value) }
                return Part(name: part.name, filename: part.filename, content: content)
            }
        )
    }
}

/// python-multipart, what FastAPI and Starlette read forms with, run as one process for many
/// bodies.
enum PythonMultipart {
    /// The Python that has the packages of `Tests/requirements.txt`, if there is one.
    static let interpreter = ProcessInfo.processInfo.environment["IMAGE_SERVICE_TEST_PYTHON"]

    static func outcomes(of bodies: [BodyGenerator.Body], interpreter: String) throws -> [Outcome] {
        var input: [UInt8] = []
        for body in bodies {
            let pieceBytes = Forms.bytes("\(body.pieceBytes)")
            for frame in [Forms.bytes(Forms.boundaryText), pieceBytes, body.bytes] {
                input.appendLittleEndian(UInt32(frame.count))
                input += frame
            }
        }
        let file = FileManager.default.temporaryDirectory
            .appending(path: "multipart-bodies-\(ProcessInfo.processInfo.processIdentifier)")
        try Data(input).write(to: file)
        defer {
            // Only a temporary file: if it stays, nobody is hurt.
            try? FileManager.default.removeItem(at: file)
        }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "parse.py"
        )
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = [script.path()]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try String(decoding: data, as: UTF8.self).split(separator: "\n")
            .map(Outcome.init(parsing:))
    }
}
