import Bytes

/// An HEIF file of one image and an EXIF item, of which the header comes last.
private let seed: [UInt8] = {
    func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
        bigEndian(UInt32(content.count + 8)) + Array(type.utf8) + content
    }
    func entry(_ id: UInt8, _ type: String) -> [UInt8] {
        box("infe", [2, 0, 0, 0, 0, id, 0, 0] + Array(type.utf8) + [0])
    }
    let item = [0, 0, 0, 0] + cameraStructure
    let fileType = box("ftyp", Array("heic\0\0\0\0mif1heic".utf8))
    let size = box("ispe", [0, 0, 0, 0] + bigEndian(UInt32(64)) + bigEndian(UInt32(48)))
    let association = box("ipma", [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0x81])
    let place = bigEndian(UInt32(fileType.count + 8)) + bigEndian(UInt32(item.count))
    let location = box("iloc", [1, 0, 0, 0, 0x44, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 1] + place)
    let itemInfo = box("iinf", [0, 0, 0, 0, 0, 2] + entry(1, "hvc1") + entry(2, "Exif"))
    let content =
        box("pitm", [0, 0, 0, 0, 0, 1]) + itemInfo
        + box("iprp", box("ipco", size) + association) + location
    return fileType + box("mdat", item) + box("meta", [0, 0, 0, 0] + content)
}()

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 24)
    return 0
}
