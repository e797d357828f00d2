import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What every store promises about a blob on its way in.
@Suite struct IncomingBlobTests {
    private static let stores = StoreUnderTest.all

    @Test(arguments: stores, Chunking.allCases)
    func `the id does not depend on the cuts`(
        _ store: StoreUnderTest,
        _ chunking: Chunking
    ) throws {
        try store.with { driver in
            let content = bytes(70, seed: 40)
            let expected = try driver.put(content).ids[0]
            for cut in chunking.cuts(of: content.count) {
                let blob = driver.store.makeIncoming()
                for range in cut { try blob.append(content.span.extracting(range)) }
                #expect(try blob.seal() == expected)
                #expect(blob.sizeBytes == 70)
                blob.discard()
            }
        }
    }

    @Test(arguments: stores)
    func `what was appended can be looked at`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let blob = driver.store.makeIncoming()
            defer { blob.discard() }
            #expect(try read(blob, 10, at: 0) == [])
            try blob.append([1, 2, 3].span)
            #expect(try read(blob, 2, at: 0) == [1, 2])
            try blob.append([4, 5].span)
            #expect(try read(blob, 10, at: 1) == [2, 3, 4, 5])
            #expect(try read(blob, 10, at: 5) == [])
            _ = try blob.seal()
            #expect(try read(blob, 1, at: 4) == [5])
        }
    }

    @Test(arguments: stores)
    func `sealing again gives the same id`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let blob = try driver.sealed([9])
            let id = try blob.seal()
            #expect(try blob.seal() == id)
            let result: Result<PutReceipt, BlobStoreError> = driver.wait {
                driver.store.put([blob], on: driver.loop, completion: $0)
            }
            #expect(try result.get().ids == [id])
            #expect(try blob.seal() == id)
            #expect(try read(blob, 1, at: 0) == [])
        }
    }

    @Test(arguments: stores)
    func `a discarded blob takes nothing more`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let blob = driver.store.makeIncoming()
            try blob.append([1].span)
            blob.discard()
            blob.discard()
            #expect(code { try blob.append([2].span) } == .discarded)
            #expect(code { try blob.seal() } == .discarded)
            #expect(code { try read(blob, 1, at: 0) } == .discarded)
        }
    }

    @Test(arguments: stores)
    func `discarding a blob after its put changes nothing`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let blob = try driver.sealed([7, 7])
            let result: Result<PutReceipt, BlobStoreError> = driver.wait {
                driver.store.put([blob], on: driver.loop, completion: $0)
            }
            let receipt = try result.get()
            blob.discard()
            driver.store.confirm(receipt)
            blob.discard()
            try driver.settle()
            #expect(try driver.content(receipt.ids[0]) == [7, 7])
        }
    }

    @Test func `an unsealed blob cannot be put`() async {
        await #expect(processExitsWith: .failure) {
            try StoreUnderTest.memory.with { driver in
                let blob = driver.store.makeIncoming()
                driver.store.put([blob], on: driver.loop) { _ in }
            }
        }
    }

    @Test func `a sealed blob takes no more bytes`() async {
        await #expect(processExitsWith: .failure) {
            try StoreUnderTest.memory.with { driver in
                try driver.sealed([1]).append([2].span)
            }
        }
    }

    @Test func `a blob cannot be put twice`() async {
        await #expect(processExitsWith: .failure) {
            try StoreUnderTest.memory.with { driver in
                let blob = try driver.sealed([1])
                driver.store.put([blob, blob], on: driver.loop) { _ in }
            }
        }
    }

    private func read(_ blob: IncomingBlob, _ count: Int, at offset: UInt64) throws -> [UInt8] {
        let buffer = Buffer(capacity: count)
        var span = buffer.mutableSpan
        let readCount = try blob.read(into: &span, at: offset)
        return buffer.span.copy(0..<readCount)
    }
}
