import Bytes
import ImageFormat
import Testing

@Suite struct GIFTests {
    /// Signature and logical screen descriptor, and what else there is.
    private func file(
        version: String = "GIF89a",
        _ width: UInt16,
        _ height: UInt16,
        _ rest: [UInt8] = [0x3B]
    ) -> [UInt8] {
        Array(version.utf8) + littleEndian(width) + littleEndian(height) + [0, 0, 0] + rest
    }

    @Test(arguments: ["GIF87a", "GIF89a"])
    func `both versions give the size of their screen`(version: String) {
        expectImage(file(version: version, 64, 48), .gif, 64, 48)
        expectImage(file(version: version, 65_535, 1), .gif, 65_535, 1)
    }

    @Test func `an animation is an image of the size of its screen`() {
        let looping = [0x21, 0xFF, 0x0B] + Array("NETSCAPE2.0".utf8) + [3, 1, 0, 0, 0]
        let frame: [UInt8] = [0x2C, 0, 0, 0, 0, 8, 0, 8, 0, 0, 2, 1, 0, 0]
        expectImage(file(64, 48, looping + frame + frame + [0x3B]), .gif, 64, 48)
    }

    @Test func `a file that ends within its screen descriptor is refused`() {
        let whole = file(64, 48, [])
        #expect(UInt64(whole.count) == GIF.signatureBytes + GIF.screenDescriptorBytes)
        expectImage(whole, .gif, 64, 48)
        expectRefusal(Array(whole.dropLast()), "ends inside its header")
    }

    @Test func `a screen without width or height is refused`() {
        expectRefusal(file(0, 48), "width or height of 0")
        expectRefusal(file(64, 0), "width or height of 0")
    }

    @Test func `another version is refused`() {
        expectRefusal(file(version: "GIF90a", 64, 48), "none of JPEG")
    }
}
