import Testing
import UV

@Suite struct BufferPoolTests {
    @Test func `a buffer that came back is the next one given out`() {
        let pool = BufferPool(capacity: 64, limit: 2)
        let buffer = pool.take()
        pool.recycle(buffer)
        #expect(pool.take() === buffer)
        #expect(pool.take() !== buffer)
    }

    @Test func `a buffer of another size is not kept`() {
        let pool = BufferPool(capacity: 64, limit: 2)
        pool.recycle(Buffer(capacity: 32))
        #expect(pool.take().capacity == 64)
    }

    @Test(arguments: [1, 2, 3])
    func `no more than the limit are kept`(returned: Int) {
        let pool = BufferPool(capacity: 64, limit: 2)
        let buffers = (0..<returned).map { _ in pool.take() }
        for buffer in buffers { pool.recycle(buffer) }
        let again = (0..<returned).map { _ in pool.take() }
        let reused = again.count { buffer in buffers.contains { $0 === buffer } }
        #expect(reused == min(returned, 2))
    }

    @Test func `giving a buffer back twice traps, or two owners would share it`() async {
        await #expect(processExitsWith: .failure) {
            let pool = BufferPool(capacity: 64, limit: 2)
            let buffer = pool.take()
            pool.recycle(buffer)
            pool.recycle(buffer)
        }
    }
}
