@testable internal import Server
internal import Testing
internal import UV

@Suite struct PieceMemoryTests {
    private let system = LargeMemory()
    private let memory: PieceMemory
    private static let largeCount = PieceMemory.largePiecesBytesMax / Worker.bufferBytes

    init() {
        memory = PieceMemory(
            pool: BufferPool(capacity: Worker.bufferBytes, limit: 4, memory: system)
        )
    }

    @Test func `pieces are large up to the budget and small beyond it`() {
        let large = (0..<Self.largeCount).compactMap { _ in memory.take() }
        #expect(large.count == Self.largeCount)
        #expect(large.allSatisfy { $0.capacity == Worker.bufferBytes })
        #expect(memory.largePiecesBytes == PieceMemory.largePiecesBytesMax)
        #expect(!memory.isAmple)
        #expect(memory.take()?.capacity == PieceMemory.smallPieceBytes)
    }

    @Test func `one that comes back is lent again, one that ends with its connection is not`() {
        let large = (0..<Self.largeCount).compactMap { _ in memory.take() }
        memory.giveBack(Buffer(capacity: PieceMemory.smallPieceBytes))
        #expect(!memory.isAmple)
        memory.giveBack(large[0])
        #expect(memory.take() === large[0])
        memory.forget(large[1])
        #expect(memory.isAmple)
        #expect(!large.contains { $0 === memory.take() })
    }

    @Test func `without memory there is no piece, and nothing counts as lent`() throws {
        let kept = try #require(memory.take())
        system.refuse(from: 1)
        #expect(memory.take() == nil)
        #expect(memory.largePiecesBytes == Worker.bufferBytes)
        system.refuse(from: PieceMemory.smallPieceBytes + 1)
        #expect(memory.take()?.capacity == PieceMemory.smallPieceBytes)
        memory.giveBack(kept)
        #expect(memory.take() === kept, "what is at hand is lent all the same")
        system.refuse(from: .max)
        #expect(memory.take()?.capacity == Worker.bufferBytes)
    }

    @Test func `a piece is changed for a large one when that is due and can be had`() {
        let small = Buffer(capacity: PieceMemory.smallPieceBytes)
        system.refuse(from: 1)
        #expect(memory.exchange(small) === small)
        system.refuse(from: .max)
        let large = memory.exchange(small)
        #expect(large.capacity == Worker.bufferBytes)
        #expect(memory.exchange(large) === large)
        #expect(memory.largePiecesBytes == Worker.bufferBytes)
        let others = (1..<Self.largeCount).compactMap { _ in memory.take() }
        #expect(others.count == Self.largeCount - 1)
        #expect(memory.exchange(small) === small, "the budget is lent out")
    }

    @Test func `a text of the protocol is no piece`() throws {
        #expect(memory.isPiece(try #require(memory.take())))
        #expect(memory.isPiece(Buffer(capacity: PieceMemory.smallPieceBytes)))
        #expect(!memory.isPiece(Buffer(capacity: 100)))
    }
}
