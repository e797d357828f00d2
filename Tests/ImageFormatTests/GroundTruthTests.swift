import Bytes
import FoundationEssentials
import ImageFormat
import Testing

/// Real photographs with what is known about them.
///
/// They are other people's and no part of the project; where they are not at hand these tests are
/// skipped.
@Suite struct GroundTruthTests {
    /// A line of the photographs' manifest.
    struct Photograph: Decodable, Sendable, CustomTestStringConvertible {
        var file: String
        var format: String
        var width: UInt32
        var height: UInt32
        var make: String?
        var model: String?

        var testDescription: String { file }
    }

    @Test(
        .enabled(if: Photographs.directory != nil, "no photographs: set IMAGE_SERVICE_PHOTOS"),
        arguments: Photographs.all
    )
    func `a real photograph is what its ground truth says`(photograph: Photograph) throws {
        let bytes = try Photographs.read(photograph.file)
        var source = ArrayImageSource(bytes, isComplete: true)
        guard ImageKind.allCases.contains(where: { $0.name == photograph.format }) else {
            // The one difference that is kept: Pillow reads icons, the service does not take them.
            #expect(photograph.format == "ICO")
            #expect(throws: ImageFormatError.self) { try ImageInspector.inspect(&source) }
            return
        }
        let found = try ImageInspector.inspect(&source)
        #expect(found.kind.name == photograph.format)
        #expect(found.width == photograph.width)
        #expect(found.height == photograph.height)
        #expect(found.camera?.make == photograph.make)
        #expect(found.camera?.model == photograph.model)
    }

    @Test(
        .enabled(if: Photographs.directory != nil, "no photographs: set IMAGE_SERVICE_PHOTOS"),
        arguments: Photographs.all
    )
    func `a real photograph gives no wrong answer while it arrives`(photograph: Photograph) throws {
        let bytes = try Photographs.read(photograph.file)
        let complete = outcome(of: bytes, isComplete: true)
        var isDecided = false
        // Every length within the first kilobytes, then in steps: headers are decided early on.
        let step = max(1, bytes.count / 64)
        var lengths = Array(0..<min(2_048, bytes.count))
        lengths += stride(from: 2_048, to: bytes.count, by: step)
        for length in lengths {
            let outcome = outcome(of: Array(bytes[..<length]), isComplete: false)
            if outcome == .failure(.needMoreData) {
                #expect(!isDecided, "undecided again after \(length) bytes")
            } else {
                isDecided = true
                #expect(outcome == complete, "after \(length) bytes")
            }
        }
    }
}

/// Where the photographs are.
enum Photographs {
    /// The directory, or `nil` when there is none.
    static let directory: String? = candidates.first {
        FileManager.default.fileExists(atPath: $0 + "/manifest.jsonl")
    }

    private static var candidates: [String] {
        let root = #filePath.dropLast("/Tests/ImageFormatTests/GroundTruthTests.swift".count)
        let named = ProcessInfo.processInfo.environment["IMAGE_SERVICE_PHOTOS"]
        let usual = ["\(root)/../shared/photos", "\(root)/../../shared/photos"]
        return (named.map { [$0] } ?? []) + usual
    }

    /// The manifest's lines.
    static let all: [GroundTruthTests.Photograph] = {
        guard directory != nil else { return [] }
        do {
            return try read("manifest.jsonl").split(separator: UInt8(ascii: "\n")).map { line in
                try JSONDecoder().decode(GroundTruthTests.Photograph.self, from: Data(line))
            }
        } catch {
            Issue.record("the manifest cannot be read: \(error)")
            return []
        }
    }()

    /// Reads a file of the directory.
    static func read(_ name: String) throws -> [UInt8] {
        let directory = try #require(directory)
        return Array(try Data(contentsOf: URL(filePath: "\(directory)/\(name)")))
    }
}
