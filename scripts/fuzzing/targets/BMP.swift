import Bytes

/// A BMP with the header of Windows 3.
private let seed: [UInt8] = {
    var bytes = Array("BM".utf8)
    for number in [74, 0, 54, 40, 64, 48, 0x0018_0001, 0, 20, 0, 0, 0, 0] as [UInt32] {
        bytes.appendLittleEndian(number)
    }
    return bytes + [UInt8](repeating: 0, count: 20)
}()

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 2)
    return 0
}
