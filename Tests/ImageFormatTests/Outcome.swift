import ImageFormat

/// What comes of inspecting a file.
typealias Outcome = Result<ImageDescription, ImageFormatError>

/// Inspects bytes in memory.
func outcome(of bytes: [UInt8], isComplete: Bool) -> Outcome {
    var source = ArrayImageSource(bytes, isComplete: isComplete)
    do throws(ImageFormatError) {
        return .success(try ImageInspector.inspect(&source))
    } catch {
        return .failure(error)
    }
}
