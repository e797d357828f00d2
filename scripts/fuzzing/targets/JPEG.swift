import Bytes

/// A JPEG with a comment, EXIF and its frame header.
private let seed: [UInt8] = {
    let block = Array("Exif\0\0".utf8) + cameraStructure
    let exif = [0xFF, 0xE1] + bigEndian(UInt16(block.count + 2)) + block
    let comment: [UInt8] = [0xFF, 0xFE, 0, 4, 0x68, 0x69]
    let frame: [UInt8] = [0xFF, 0xC0, 0, 11, 8, 0, 48, 0, 64, 1, 1, 0x11, 0]
    return [0xFF, 0xD8] + comment + exif + frame
}()

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 2)
    return 0
}
