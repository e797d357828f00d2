import Bytes
import ImageFormat
import Testing

/// What comes of inspecting a file.
typealias Outcome = Result<ImageDescription, ImageFormatError>

/// Inspects bytes in memory, and holds the reader to a bound on its reads.
func outcome(
    of bytes: [UInt8],
    isComplete: Bool,
    maxReads: Int = ImageInspector.maxReads
) -> Outcome {
    var source = CountingImageSource(bytes, isComplete: isComplete)
    defer { #expect(source.reads <= maxReads, "\(source.reads) reads") }
    do throws(ImageFormatError) {
        return .success(try ImageInspector.inspect(&source))
    } catch {
        return .failure(error)
    }
}

/// Expects an image, whatever part of the file is there.
///
/// Complete, it gives exactly this answer. While it arrives, every length gives this answer or
/// none, and none after one that gave it. Cut at any length, it is refused or has the same format
/// and size: the camera may stand behind the cut.
func expectImage(
    _ bytes: [UInt8],
    _ kind: ImageKind,
    _ width: UInt32,
    _ height: UInt32,
    camera: Camera? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let expected = ImageDescription(kind: kind, width: width, height: height, camera: camera)
    expect(bytes, .success(expected), sourceLocation)
    for length in bytes.indices {
        switch outcome(of: Array(bytes[..<length]), isComplete: true) {
        case .success(var cut):
            if cut.camera == nil { cut.camera = camera }
            #expect(cut == expected, "cut after \(length) bytes", sourceLocation: sourceLocation)
        case .failure(let error):
            #expect(
                error.reason != nil,
                "a complete file is refused with a reason",
                sourceLocation: sourceLocation
            )
        }
    }
}

/// Expects a refusal, early or late, with a reason that contains some words.
func expectRefusal(
    _ bytes: [UInt8],
    _ words: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let complete = outcome(of: bytes, isComplete: true)
    guard case .failure(let error) = complete, let reason = error.reason else {
        Issue.record("not refused: \(complete)", sourceLocation: sourceLocation)
        return
    }
    #expect(reason.contains(words), sourceLocation: sourceLocation)
    #expect(reason.hasSuffix("."), "a reason is a sentence", sourceLocation: sourceLocation)
    expect(bytes, complete, sourceLocation)
}

/// Checks the outcome for the complete file, and for each length of it that may have arrived.
private func expect(_ bytes: [UInt8], _ expected: Outcome, _ sourceLocation: SourceLocation) {
    #expect(outcome(of: bytes, isComplete: true) == expected, sourceLocation: sourceLocation)
    var isDecided = false
    for length in 0...bytes.count {
        let arrived = outcome(of: Array(bytes[..<length]), isComplete: false)
        if arrived == .failure(.needMoreData) {
            #expect(!isDecided, "undecided again at \(length)", sourceLocation: sourceLocation)
        } else {
            isDecided = true
            #expect(arrived == expected, "arrived: \(length)", sourceLocation: sourceLocation)
        }
    }
}

extension Outcome {
    /// The image, or `nil` where there is none.
    var image: ImageDescription? {
        switch self {
        case .success(let image): image
        case .failure: nil
        }
    }
}

/// The reason of a refusal, or what came instead of one.
func reason(of outcome: Outcome) -> String {
    switch outcome {
    case .success(let found): "not refused: \(found)"
    case .failure(let error): error.reason ?? "\(error)"
    }
}
