import Bytes

/// A PNG whose EXIF block is the input, in a chunk that is longer than the input ever is.
private let seed: [UInt8] =
    [0x89] + Array("PNG\r\n\u{1A}\n".utf8) + bigEndian(UInt32(13)) + Array("IHDR".utf8)
    + bigEndian(UInt32(64)) + bigEndian(UInt32(48)) + [8, 2, 0, 0, 0, 0, 0, 0, 0]
    + bigEndian(UInt32(0x7FFF_FFFF)) + Array("eXIf".utf8) + cameraStructure

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 41)
    return 0
}
