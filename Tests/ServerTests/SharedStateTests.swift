@testable internal import Server
internal import Testing

@Suite struct SharedStateTests {
    @Test func `as many connections as the limit are within it, and one more is not`() {
        let state = SharedState(connectionCountMax: 2, uploadCountMax: 1)
        #expect(state.connectionOpened() && state.connectionOpened())
        #expect(!state.connectionOpened())
        #expect(state.openConnections == 3)
        state.connectionClosed()
        state.connectionClosed()
        #expect(state.connectionOpened())
        #expect(state.openConnections == 2)
    }

    @Test func `a place for an upload is free again when it is let go, and only then`() {
        let state = SharedState(connectionCountMax: 1, uploadCountMax: 2)
        var slots = [state.takeUploadSlot(), state.takeUploadSlot()]
        #expect(slots.allSatisfy { $0 != nil })
        #expect(state.takeUploadSlot() == nil)
        // The refusal itself takes no place.
        #expect(state.uploadsUnderWay == 2)
        slots.removeLast()
        #expect(state.takeUploadSlot() != nil)
        slots = []
        #expect(state.uploadsUnderWay == 0)
    }

    @Test func `life goes from starting to what it is set to`() {
        let state = SharedState(connectionCountMax: 1, uploadCountMax: 1)
        #expect(state.phase == .starting)
        state.phase = .ready
        #expect(state.phase == .ready)
        state.phase = .stopping
        #expect(state.phase == .stopping)
    }

    @Test func `threads that count at once lose nothing`() async {
        let state = SharedState(connectionCountMax: 10, uploadCountMax: 3)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var most = 0
                    for _ in 0..<2_000 {
                        _ = state.connectionOpened()
                        if let slot = state.takeUploadSlot() {
                            withExtendedLifetime(slot) { most = max(most, 1) }
                        }
                        state.connectionClosed()
                    }
                    return most
                }
            }
            for await _ in group {}
        }
        #expect(state.openConnections == 0)
        #expect(state.uploadsUnderWay == 0)
    }
}
