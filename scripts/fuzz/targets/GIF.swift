/// A GIF of one screen.
private let seed: [UInt8] = Array("GIF89a".utf8) + [64, 0, 48, 0, 0, 0, 0, 0x3B]

/// libFuzzer calls this for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    ImageFuzzing.check(input, seed: seed, signatureBytes: 3)
    return 0
}
