import Bytes
import Glibc
import Testing
import UV

@Suite struct LargeMemoryTests {
    @Test func `blocks are refused from a size on, and that is counted`() throws {
        let memory = LargeMemory()
        memory.refuse(from: 101)
        #expect(memory.buffer(capacity: 100)?.capacity == 100)
        #expect(memory.isAmple)
        let before = memory.shortageCount
        #expect(memory.buffer(capacity: 101) == nil)
        #expect(memory.shortageCount == before + 1)
        memory.refuse(from: 1)
        #expect(memory.buffer(capacity: 1) == nil)
        #expect(!memory.isAmple)
        memory.refuse(from: .max)
        let again = try #require(memory.buffer(capacity: 101))
        let bytes = again.span.copy()
        #expect(bytes == [UInt8](repeating: 0, count: 101))
    }

    @Test func `a block that the system refuses is refused, and leaves the reserve whole`() async {
        await #expect(processExitsWith: .success) {
            let memory = LargeMemory()
            try LargeMemory.holdReserve()
            let before = memory.shortageCount
            let limit = try ProcessLimit(RLIMIT_DATA, to: dataBytes() + 64 << 20)
            let blocks = [memory.buffer(capacity: 256 << 20), Buffer(trying: 256 << 20)]
            #expect(blocks.allSatisfy { $0 == nil })
            #expect(memory.shortageCount == before + 1)
            #expect(memory.isAmple)
            try limit.lift()
            #expect(memory.buffer(capacity: 256 << 20) != nil)
        }
    }

    @Test(.enabled(if: LargeMemory.isBehindEveryAllocation))
    func `what cannot be refused comes out of the reserve, which is taken back later`() async {
        await #expect(processExitsWith: .success) {
            let memory = LargeMemory()
            try LargeMemory.holdReserve()
            for _ in 1...2 {
                let before = memory.shortageCount
                let limit = try ProcessLimit(RLIMIT_DATA, to: dataBytes())
                // Without the reserve this is where Swift ends the process.
                let array = [UInt8](repeating: 7, count: LargeMemory.reserveBytes / 4)
                #expect(memory.shortageCount == before + 1)
                #expect(array.last == 7)
                #expect(!memory.isAmple)
                let small = memory.buffer(capacity: 1)
                #expect(small == nil, "what is left is for what cannot be refused")
                try limit.lift()
                #expect(memory.isAmple)
                #expect(memory.buffer(capacity: 1 << 20) != nil)
            }
        }
    }

    @Test func `libuv's pool is started where there is room for it and not elsewhere`() async {
        await #expect(processExitsWith: .success) {
            let limit = try ProcessLimit(RLIMIT_AS, to: 1 << 20)
            #expect(throws: UVError.outOfMemory) { try startThreadPool(size: 4) }
            try limit.lift()
            try startThreadPool(size: 4)
        }
    }

    @Test func `without room for the reserve the process is not to start`() async {
        await #expect(processExitsWith: .success) {
            let limit = try ProcessLimit(RLIMIT_AS, to: UInt(LargeMemory.reserveBytes))
            #expect(throws: UVError.outOfMemory) { try LargeMemory.holdReserve() }
            try limit.lift()
            try LargeMemory.holdReserve()
            // Holding it twice is holding it once.
            try LargeMemory.holdReserve()
        }
    }
}

/// Bytes of the process that count for RLIMIT_DATA.
private func dataBytes() throws -> UInt {
    let system = SystemFileSystem()
    let file = try system.open("/proc/self/status", [.read], permissions: 0)
    defer { system.close(file) }
    var bytes = [UInt8](repeating: 0, count: 16 << 10)
    var span = bytes.mutableSpan
    let count = try system.read(file, into: &span, at: 0)
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("VmData:") })
    return try #require(UInt(line.filter { $0.isNumber })) << 10
}
