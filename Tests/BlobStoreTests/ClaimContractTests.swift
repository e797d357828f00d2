import BlobStore
import TestSupport
import Testing

/// What every store promises about claims: a blob goes only when nobody needs it.
@Suite struct ClaimContractTests {
    private static let stores = StoreUnderTest.all
    private static let content = bytes(300, seed: 20)

    @Test(arguments: stores)
    func `a revoked put leaves nothing`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            driver.store.revoke(try driver.put([1], [2]))
            try driver.settle()
            #expect(try driver.list().isEmpty)
        }
    }

    @Test(arguments: stores)
    func `a blob that another put needs outlives a revoke`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let maker = try driver.put(Self.content, [1])
            let finder = try driver.put(Self.content, [2])
            driver.store.revoke(maker)
            try driver.settle()
            #expect(try driver.list() == finder.ids.sorted())
            driver.store.confirm(finder)
            try driver.settle()
            #expect(try driver.content(finder.ids[0]) == Self.content)
        }
    }

    @Test(arguments: stores)
    func `a blob goes when the last of several puts is revoked`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let maker = try driver.put(Self.content)
            let finder = try driver.put(Self.content)
            driver.store.revoke(finder)
            try driver.settle()
            #expect(try driver.list() == maker.ids)
            driver.store.revoke(maker)
            try driver.settle()
            #expect(try driver.list().isEmpty)
        }
    }

    @Test(arguments: stores)
    func `a confirmed blob outlives every revoke`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let receipts = try (0..<3).map { _ in try driver.put(Self.content) }
            driver.store.confirm(receipts[1])
            driver.store.revoke(receipts[0])
            driver.store.revoke(receipts[2])
            try driver.settle()
            #expect(try driver.list() == receipts[0].ids)
        }
    }

    @Test(arguments: stores)
    func `only the first of confirm and revoke counts`(_ store: StoreUnderTest) throws {
        try store.with { driver in
            let confirmed = try driver.put([3])
            driver.store.confirm(confirmed)
            driver.store.revoke(confirmed)
            let revoked = try driver.put([4])
            driver.store.revoke(revoked)
            driver.store.confirm(revoked)
            driver.store.revoke(revoked)
            try driver.settle()
            #expect(try driver.list() == confirmed.ids)
        }
    }
}
