import Bytes
import Glibc
import ImageFormat

/// What every fuzz target of the image readers does with its input.
///
/// The readers may crash on nothing, may not read more than their budget, and may say nothing about
/// the first bytes of a file that the whole file does not confirm.
enum ImageFuzzing {
    /// Checks the readers with two files made of one input.
    ///
    /// Random bytes seldom get past a signature, let alone into a box within a box. So the input is
    /// used twice: behind the signature of the format, and as a list of edits to a whole file.
    ///
    /// - Parameters:
    ///   - start: the fuzzer's bytes.
    ///   - count: how many there are.
    ///   - seed: a file that the readers accept.
    ///   - signatureBytes: how many bytes of it stand before the input.
    static func check(
        _ start: UnsafePointer<UInt8>,
        _ count: Int,
        seed: [UInt8],
        signatureBytes: Int
    ) {
        // SAFETY: libFuzzer's bytes are readable for the time of the call; they are copied here.
        let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
        check(Array(seed[..<signatureBytes]) + input)
        check(edit(seed, by: input))
        if input.isEmpty {
            // libFuzzer begins with the empty input: the seed as it is.
            guard case .success = inspect(seed, isComplete: true) else {
                preconditionFailure("the seed is no image")
            }
        }
    }

    /// Edits are `[offset: u16 LE][value: u8]`; what lies behind the end is appended.
    private static func edit(_ seed: [UInt8], by input: [UInt8]) -> [UInt8] {
        var file = seed
        var rest = input[...]
        while rest.count >= 3 {
            let offset = Int(rest.removeFirst()) | Int(rest.removeFirst()) << 8
            let value = rest.removeFirst()
            if offset < file.count {
                file[offset] = value
            } else {
                file.append(value)
            }
        }
        return file
    }

    /// Inspects a file complete, and again as it arrives.
    private static func check(_ file: [UInt8]) {
        if showsFiles {
            print("file: \(String(decoding: Hex.encode(file.span), as: UTF8.self))")
            fflush(nil)
        }
        let whole = inspect(file, isComplete: true)
        precondition(whole != .failure(.needMoreData), "a complete file was not decided")
        // Lengths that depend on nothing but the file, so that a finding can be seen again.
        var random = file.reduce(UInt64(file.count) | 1) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        for _ in 0..<lengthsTried {
            random = random &* 6_364_136_223_846_793_005 &+ 1
            let length = Int((random >> 33) % UInt64(file.count + 1))
            let arrived = inspect(Array(file[..<length]), isComplete: false)
            precondition(
                arrived == whole || arrived == .failure(.needMoreData),
                "after \(length) bytes: \(arrived), in the end: \(whole)"
            )
            // A file cut there is another file; that it does not crash is all there is to check.
            _ = inspect(Array(file[..<length]), isComplete: true)
        }
    }

    /// Whether each file is printed before it is looked at, so that `scripts/fuzzing/test-case` can
    /// tell the one that ends the process.
    private static let showsFiles =
        // SAFETY: asked once, and nobody changes the environment.
        unsafe getenv("FUZZ_SHOW_FILES") != nil

    /// Lengths tried for each file: enough to hit each within some runs, few enough to have many
    /// runs.
    private static let lengthsTried = 4

    private static func inspect(
        _ bytes: [UInt8],
        isComplete: Bool
    ) -> Result<ImageDescription, ImageFormatError> {
        var source = CountingSource(whole: ArrayImageSource(bytes, isComplete: isComplete))
        let result: Result<ImageDescription, ImageFormatError>
        do throws(ImageFormatError) {
            result = .success(try ImageInspector.inspect(&source))
        } catch {
            result = .failure(error)
        }
        precondition(source.reads <= ImageInspector.maxReads, "more reads than the budget")
        return result
    }
}

/// A source that counts.
private struct CountingSource: ImageSource {
    var whole: ArrayImageSource
    var reads = 0
    var availableBytes: UInt64 { whole.availableBytes }
    var isComplete: Bool { whole.isComplete }

    mutating func read(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        reads += 1
        precondition(count <= 512, "a read larger than a window")
        return try whole.read(at: offset, count: count)
    }
}

/// A TIFF structure of 64 by 48 pixels that names a camera, little-endian.
let cameraStructure: [UInt8] = {
    var bytes: [UInt8] = Array("II*\0".utf8)
    bytes.appendLittleEndian(UInt32(8))
    bytes.appendLittleEndian(UInt16(4))
    for (tag, side) in [(256, 64), (257, 48)] as [(UInt16, UInt16)] {
        for half in [tag, 3, 1, 0, side, 0] { bytes.appendLittleEndian(half) }
    }
    for (tag, offset) in [(0x010F, 62), (0x0110, 70)] as [(UInt16, UInt16)] {
        for half in [tag, 2, 8, 0, offset, 0] { bytes.appendLittleEndian(half) }
    }
    return bytes + [0, 0, 0, 0] + Array("Maker \0\0Model 1\0".utf8)
}()

/// An integer, most significant byte first.
func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(value)
    return bytes
}
