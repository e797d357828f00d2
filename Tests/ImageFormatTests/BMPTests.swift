import Bytes
import ImageFormat
import Testing

@Suite struct BMPTests {
    /// A file with one of the information headers.
    private func file(headerBytes: UInt32, _ width: Int32, _ height: Int32) -> [UInt8] {
        let sides =
            headerBytes == 12
            ? littleEndian(UInt16(width)) + littleEndian(UInt16(height))
            : littleEndian(width) + littleEndian(height)
        let header =
            littleEndian(headerBytes) + sides + littleEndian(UInt16(1))
            + littleEndian(UInt16(24))
        let rest = zeros(max(0, Int(headerBytes) - header.count))
        let fileHeader =
            Array("BM".utf8) + littleEndian(UInt32(0)) + zeros(4)
            + littleEndian(14 + headerBytes)
        return fileHeader + header + rest + zeros(20)
    }

    @Test(arguments: [12, 16, 40, 52, 56, 64, 108, 124] as [UInt32])
    func `every version of the header gives its size`(headerBytes: UInt32) {
        expectImage(file(headerBytes: headerBytes, 64, 48), .bmp, 64, 48)
    }

    @Test func `the first version's sides are unsigned`() {
        expectImage(file(headerBytes: 12, 65_535, 40_000), .bmp, 65_535, 40_000)
    }

    @Test(arguments: [40, 108, 124] as [UInt32])
    func `a negative height stands for rows from top to bottom`(headerBytes: UInt32) {
        expectImage(file(headerBytes: headerBytes, 64, -48), .bmp, 64, 48)
        expectImage(file(headerBytes: headerBytes, 64, .min), .bmp, 64, 1 << 31)
    }

    @Test func `a negative width is refused, and so is a side of 0`() {
        expectRefusal(file(headerBytes: 40, -64, 48), "width is negative")
        expectRefusal(file(headerBytes: 40, 0, 48), "width or height of 0")
        expectRefusal(file(headerBytes: 40, 64, 0), "width or height of 0")
        expectRefusal(file(headerBytes: 12, 0, 1), "width or height of 0")
    }

    @Test func `a file that ends within its header is refused`() {
        let whole = Array(file(headerBytes: 124, 64, 48).prefix(BMP.fileHeaderBytes + 124))
        expectImage(whole, .bmp, 64, 48)
        expectRefusal(Array(whole.dropLast()), "ends inside its header")
    }

    @Test(arguments: [0, 11, 13, 39, 41, 125, .max] as [UInt32])
    func `a header of an unknown size is no BMP`(headerBytes: UInt32) {
        let bytes = Array("BM".utf8) + zeros(12) + littleEndian(headerBytes) + zeros(120)
        expectRefusal(bytes, "none of JPEG")
    }

    @Test func `text that begins with BM is no BMP`() {
        expectRefusal(Array("BM stands for bitmap, as everyone knows.".utf8), "none of JPEG")
    }
}
