import Testing
import UV

@Suite struct BufferPoolTests {
    @Test func `a buffer that came back is the next one given out`() {
        let pool = BufferPool(capacity: 64, limit: 2)
        var buffer: Buffer? = pool.take()
        let address = buffer.map { ObjectIdentifier($0) }
        if let last = buffer.take() { pool.recycle(last) }
        #expect(ObjectIdentifier(pool.take()) == address)
    }

    @Test func `a buffer that somebody still holds is not given out again`() {
        let pool = BufferPool(capacity: 64, limit: 2)
        let held = pool.take()
        pool.recycle(held)
        #expect(pool.take() !== held)
    }

    @Test func `a buffer of another size is not kept`() {
        let pool = BufferPool(capacity: 64, limit: 2)
        pool.recycle(Buffer(capacity: 32))
        #expect(pool.take().capacity == 64)
    }

    @Test(arguments: [1, 2, 3])
    func `no more than the limit are kept`(returned: Int) {
        let pool = BufferPool(capacity: 64, limit: 2)
        var addresses: Set<ObjectIdentifier> = []
        var buffers = (0..<returned).map { _ in pool.take() }
        for buffer in buffers { addresses.insert(ObjectIdentifier(buffer)) }
        while let last = buffers.popLast() { pool.recycle(last) }
        let again = (0..<returned).map { _ in pool.take() }
        let reused = again.count { addresses.contains(ObjectIdentifier($0)) }
        #expect(reused >= min(returned, 2))
    }
}
