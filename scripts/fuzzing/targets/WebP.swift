import Bytes

/// An extended WEBP with EXIF behind its image.
private let seed: [UInt8] = {
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        var bytes = Array(name.utf8)
        bytes.appendLittleEndian(UInt32(data.count))
        return bytes + data + [UInt8](repeating: 0, count: data.count % 2)
    }
    let content =
        chunk("VP8X", [8, 0, 0, 0, 63, 0, 0, 47, 0, 0])
        + chunk("VP8L", [0x2F, 63, 0xC0, 11, 0]) + chunk("EXIF", cameraStructure)
    return chunk("RIFF", Array("WEBP".utf8) + content)
}()

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 12)
    return 0
}
