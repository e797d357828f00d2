/// A GIF of one screen.
private let seed: [UInt8] = Array("GIF89a".utf8) + [64, 0, 48, 0, 0, 0, 0, 0x3B]

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: passed on as it came, for the time of the call.
    unsafe ImageFuzzing.check(start, count, seed: seed, signatureBytes: 3)
    return 0
}
