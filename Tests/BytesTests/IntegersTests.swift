import Bytes
import Testing

@Suite struct IntegersTests {
    private let bytes = [UInt8](1...24)

    @Test func `16 bits are read at every offset in both orders`() {
        for offset in 0...22 {
            let low = bytes.span.littleEndianUInt16(at: offset)
            let high = bytes.span.bigEndianUInt16(at: offset)
            #expect(low == UInt16(littleEndian: unaligned(offset)))
            #expect(high == UInt16(bigEndian: unaligned(offset)))
        }
    }

    @Test func `32 bits are read at every offset in both orders`() {
        for offset in 0...20 {
            let low = bytes.span.littleEndianUInt32(at: offset)
            let high = bytes.span.bigEndianUInt32(at: offset)
            #expect(low == UInt32(littleEndian: unaligned(offset)))
            #expect(high == UInt32(bigEndian: unaligned(offset)))
        }
    }

    @Test func `64 bits are read at every offset in both orders`() {
        for offset in 0...16 {
            let low = bytes.span.littleEndianUInt64(at: offset)
            let high = bytes.span.bigEndianUInt64(at: offset)
            #expect(low == UInt64(littleEndian: unaligned(offset)))
            #expect(high == UInt64(bigEndian: unaligned(offset)))
        }
    }

    @Test func `the orders are what their names say`() {
        let value = bytes.span.littleEndianUInt32(at: 0)
        #expect(value == 0x0403_0201)
        let other = bytes.span.bigEndianUInt64(at: 1)
        #expect(other == 0x0203_0405_0607_0809)
    }

    @Test func `what is appended is read back`() {
        var out: [UInt8] = []
        out.appendLittleEndian(0x0102 as UInt16)
        out.appendLittleEndian(0x0304_0506 as UInt32)
        out.appendLittleEndian(0x0708_090A_0B0C_0D0E as UInt64)
        out.appendLittleEndian(-2 as Int64)
        out.appendLittleEndian(0xAB as UInt8)
        #expect(
            out == [
                2, 1, 6, 5, 4, 3, 14, 13, 12, 11, 10, 9, 8, 7, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                0xFF, 0xFF, 0xAB,
            ]
        )
        out = []
        out.appendBigEndian(0x0102 as UInt16)
        out.appendBigEndian(0x0304_0506 as UInt32)
        out.appendBigEndian(0x0708_090A_0B0C_0D0E as UInt64)
        out.appendBigEndian(0xAB as UInt8)
        #expect(out == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xAB])
    }

    @Test(arguments: [(2, 23), (4, 21), (8, 17), (2, -1)])
    func `one byte past either end traps`(width: Int, offset: Int) async {
        await #expect(processExitsWith: .failure) { [width, offset] in
            let bytes = [UInt8](repeating: 0, count: 24)
            switch width {
            case 2: _ = bytes.span.littleEndianUInt16(at: offset)
            case 4: _ = bytes.span.bigEndianUInt32(at: offset)
            default: _ = bytes.span.littleEndianUInt64(at: offset)
            }
        }
    }

    /// The bytes at an offset as the machine itself loads them.
    private func unaligned<Value: FixedWidthInteger>(_ offset: Int) -> Value {
        // SAFETY: the caller keeps `offset` plus the value's size within the bytes.
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        }
    }
}
