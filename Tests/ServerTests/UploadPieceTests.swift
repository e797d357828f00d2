@testable internal import Server
internal import Testing
internal import UV

@Suite struct UploadPieceTests {
    private func text(_ step: UploadPiece.Step) -> String {
        switch step {
        case .begin(let filename): "begin \(filename)"
        case .content(let buffer, let range): "\(range) of \(buffer.capacity)"
        case .copied(let bytes): "copied \(bytes)"
        case .end: "end"
        }
    }

    @Test func `bytes that follow those before in the same buffer join them`() {
        let (first, second) = (Buffer(capacity: 100), Buffer(capacity: 200))
        var piece = UploadPiece()
        for step: UploadPiece.Step in [
            .begin(filename: "a"), .content(first, 10..<20), .content(first, 20..<40),
            .content(first, 41..<50), .content(second, 50..<60), .content(second, 60..<61), .end,
            .begin(filename: "b"), .content(second, 61..<70), .copied([1]),
            .content(second, 70..<80),
        ] {
            piece.add(step)
        }
        #expect(
            piece.steps.map(text) == [
                "begin a", "10..<40 of 100", "41..<50 of 100", "50..<61 of 200", "end",
                "begin b", "61..<70 of 200", "copied [1]", "70..<80 of 200",
            ]
        )
    }

    @Test func `a buffer is owned once however often it is filled`() {
        let (first, second) = (Buffer(capacity: 100), Buffer(capacity: 100))
        var piece = UploadPiece()
        piece.adopt(first, used: 10)
        piece.adopt(first, used: 30)
        piece.adopt(second, used: 5)
        #expect(piece.buffers.count == 2)
        #expect(piece.buffers[0] === first && piece.buffers[1] === second)
        #expect(piece.filling === second)
        #expect(piece.filledBytes == 5)
        piece.rewind()
        #expect(piece.filledBytes == 0)
    }
}
