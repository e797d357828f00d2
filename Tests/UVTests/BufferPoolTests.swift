import Testing
import UV

@Suite struct BufferPoolTests {
    @Test func `a buffer that came back is the next one given out`() throws {
        let pool = BufferPool(capacity: 64, limit: 2)
        let buffer = try #require(pool.take())
        pool.recycle(buffer)
        #expect(pool.take() === buffer)
        #expect(pool.take() !== buffer)
    }

    @Test func `a buffer of another size is not kept`() {
        let pool = BufferPool(capacity: 64, limit: 2)
        pool.recycle(Buffer(capacity: 32))
        #expect(pool.take()?.capacity == 64)
    }

    @Test(arguments: [1, 2, 3])
    func `no more than the limit are kept`(returned: Int) {
        let pool = BufferPool(capacity: 64, limit: 2)
        let buffers = (0..<returned).compactMap { _ in pool.take() }
        for buffer in buffers { pool.recycle(buffer) }
        let again = (0..<returned).compactMap { _ in pool.take() }
        let reused = again.count { buffer in buffers.contains { $0 === buffer } }
        #expect(reused == min(returned, 2))
    }

    @Test func `giving a buffer back twice traps, or two owners would share it`() async {
        await #expect(processExitsWith: .failure) {
            let pool = BufferPool(capacity: 64, limit: 2)
            guard let buffer = pool.take() else { return }
            pool.recycle(buffer)
            pool.recycle(buffer)
        }
    }

    @Test func `without memory it gives what it has, and asks again once others gave`() throws {
        let memory = LargeMemory()
        let pool = BufferPool(capacity: 64, limit: 2, memory: memory)
        let buffer = try #require(pool.take())
        memory.refuse(from: 1)
        #expect(pool.take() == nil)
        pool.recycle(buffer)
        #expect(pool.take() === buffer)

        var asked = 0
        pool.giveBackOther = {
            asked += 1
            if asked == 2 { memory.refuse(from: .max) }
        }
        #expect(pool.take() == nil && asked == 1)
        #expect(pool.take()?.capacity == 64 && asked == 2)
        #expect(pool.take() != nil && asked == 2)
    }

    @Test func `unused buffers go when all are removed`() throws {
        let pool = BufferPool(capacity: 64, limit: 2)
        weak let kept = try {
            let buffer = try #require(pool.take())
            pool.recycle(buffer)
            return buffer
        }()
        #expect(kept != nil)
        pool.removeAll()
        #expect(kept == nil)
    }
}
