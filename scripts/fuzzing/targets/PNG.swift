import Bytes

/// A PNG with image data and EXIF behind it.
private let seed: [UInt8] = {
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        bigEndian(UInt32(data.count)) + Array(name.utf8) + data + [0, 0, 0, 0]
    }
    let header = chunk("IHDR", bigEndian(UInt32(64)) + bigEndian(UInt32(48)) + [8, 2, 0, 0, 0])
    return [0x89] + Array("PNG\r\n\u{1A}\n".utf8) + header + chunk("IDAT", [1, 2, 3])
        + chunk("eXIf", cameraStructure) + chunk("IEND", [])
}()

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 33)
    return 0
}
