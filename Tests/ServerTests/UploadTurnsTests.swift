@testable internal import Server
internal import Testing

private final class Upload: TakesTurns {
    private(set) var callCount = 0

    func called() { callCount += 1 }
}

@Suite struct UploadTurnsTests {
    private let turns = UploadTurns()

    @Test func `nobody stands in line until as many pieces are under way as workers can take`() {
        for _ in 1..<UploadTurns.piecesMax { turns.pieceBegan() }
        #expect(turns.isFree)
        turns.pieceBegan()
        #expect(!turns.isFree)
        turns.pieceEnded()
        #expect(turns.isFree)
    }

    @Test func `a turn of the loop reads so much of uploads and no more, the next one again`() {
        turns.received(UploadTurns.turnBytesMax - 1)
        #expect(turns.isFree)
        turns.received(1)
        #expect(!turns.isFree)
        turns.callNext()
        #expect(turns.isFree)
    }

    @Test func `those in line are called in their order, as many as there is room for`() {
        let uploads = (0..<UploadTurns.piecesMax + 1).map { _ in Upload() }
        for upload in uploads { turns.standInLine(upload) }
        turns.pieceBegan()
        turns.callNext()
        let expected = Array(repeating: 1, count: UploadTurns.piecesMax - 1) + [0, 0]
        #expect(uploads.map(\.callCount) == expected)
        turns.callNext()
        #expect(uploads.map(\.callCount) == Array(repeating: 1, count: uploads.count))
    }

    @Test func `whoever comes while others stand in line goes to its end`() {
        turns.standInLine(Upload())
        #expect(!turns.isFree)
        turns.callNext()
        #expect(turns.isFree)
    }

    @Test func `nobody is called while there is no room`() {
        let upload = Upload()
        turns.standInLine(upload)
        for _ in 0..<UploadTurns.piecesMax { turns.pieceBegan() }
        turns.callNext()
        #expect(upload.callCount == 0)
        turns.pieceEnded()
        turns.callNext()
        #expect(upload.callCount == 1)
    }

    @Test func `small uploads that take all the room do not keep those in line from reading`() {
        let uploads = (0..<3).map { _ in Upload() }
        for upload in uploads { turns.standInLine(upload) }
        for _ in 0..<UploadTurns.piecesMax { turns.pieceBegan() }
        for turn in 1...uploads.count {
            turns.pieceEnded()
            turns.pieceBegan()
            turns.callNext()
            #expect(uploads.map(\.callCount).reduce(0, +) == turn)
        }
        #expect(uploads.map(\.callCount) == [1, 1, 1])
    }

    @Test func `an upload that has ended holds nobody up and is not called`() {
        let (ended, next) = (Upload(), Upload())
        turns.standInLine(ended)
        turns.standInLine(next)
        turns.forget(ended)
        for _ in 1..<UploadTurns.piecesMax { turns.pieceBegan() }
        turns.callNext()
        #expect(ended.callCount == 0)
        #expect(next.callCount == 1)
    }
}
