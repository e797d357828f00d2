import Bytes
import Testing

@Suite struct ByteCountTests {
    @Test func `units are powers of 1024`() {
        #expect(ByteCount.kibibytes(3).bytes == 3_072)
        #expect(ByteCount.mebibytes(3).bytes == 3_145_728)
        #expect(ByteCount.gibibytes(3).bytes == 3_221_225_472)
        #expect(ByteCount.kibibytes(1_024) == .mebibytes(1))
    }

    @Test func `sizes are ordered and print their unit`() {
        #expect(ByteCount(1_023) < .kibibytes(1))
        #expect(!(ByteCount(1_024) < .kibibytes(1)))
        #expect(ByteCount(10).description == "10 bytes")
    }

    @Test func `nothing is the smallest size`() async {
        #expect(ByteCount(0).bytes == 0)
        await #expect(processExitsWith: .failure) { _ = ByteCount(-1) }
    }
}
