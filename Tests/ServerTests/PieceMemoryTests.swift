@testable internal import Server
internal import Testing
internal import UV

@Suite struct PieceMemoryTests {
    private let memory = PieceMemory(pool: BufferPool(capacity: Worker.bufferBytes, limit: 4))
    private static let largeCount = PieceMemory.largePiecesBytesMax / Worker.bufferBytes

    @Test func `pieces are large up to the budget and small beyond it`() {
        let large = (0..<Self.largeCount).map { _ in memory.take() }
        #expect(large.allSatisfy { $0.capacity == Worker.bufferBytes })
        #expect(memory.largePiecesBytes == PieceMemory.largePiecesBytesMax)
        #expect(!memory.isAmple)
        #expect(memory.take().capacity == PieceMemory.smallPieceBytes)
    }

    @Test func `one that comes back is lent again, one that ends with its connection is not`() {
        let large = (0..<Self.largeCount).map { _ in memory.take() }
        memory.giveBack(Buffer(capacity: PieceMemory.smallPieceBytes))
        #expect(!memory.isAmple)
        memory.giveBack(large[0])
        #expect(memory.take() === large[0])
        memory.forget(large[1])
        #expect(memory.isAmple)
        #expect(!large.contains { $0 === memory.take() })
    }
}
