import TestSupport
import Testing

@testable import Catalog

@Suite struct LinkTableTests {
    private static let day = LinkTable.remembranceSeconds

    private static func link(_ number: UInt64, expiresAt: Int64) -> UploadLink {
        var random = SeededRandom(seed: number)
        return UploadLink(id: .random(using: &random), expiresAt: expiresAt)
    }

    @Test func `links that nobody remembers are forgotten, a few at a time`() {
        var table = LinkTable()
        for number in 0..<1000 as Range<UInt64> {
            table.add(Self.link(number, expiresAt: 10_000 + Int64(number)))
        }
        table.forget(now: 10_799 + Self.day)
        #expect(table.count == 1000, "the last of their hour expired no more than a day ago")
        var rounds = 0
        while table.count > 0 {
            let before = table.count
            table.forget(now: 20_000 + Self.day)
            #expect(before - table.count <= LinkTable.forgottenAtOnce)
            rounds += 1
        }
        #expect(rounds <= 1000 / LinkTable.forgottenAtOnce + 2)
        #expect(table.shards.allSatisfy { $0.isEmpty })
    }

    @Test func `what a link stands for does not depend on whether it was forgotten yet`() {
        var table = LinkTable()
        let link = Self.link(1, expiresAt: 5000)
        table.add(link)
        #expect(table.resolve(link.id, now: 4999) == .valid(link))
        #expect(table.resolve(link.id, now: 5000) == .expired)
        #expect(table.resolve(link.id, now: 5000 + Self.day) == .expired)
        #expect(table.resolve(link.id, now: 5001 + Self.day) == .unknown)
        #expect(table.count == 1)
    }

    @Test func `a link that was added again lives as long as it was told last`() {
        var table = LinkTable()
        table.add(Self.link(1, expiresAt: 5000))
        let later = Self.link(1, expiresAt: 500_000)
        table.add(later)
        #expect(table.count == 1)
        for _ in 0..<10 { table.forget(now: 400_000) }
        #expect(table.resolve(later.id, now: 400_000) == .valid(later))
        for _ in 0..<10 { table.forget(now: 700_000) }
        #expect(table.count == 0)
    }

    @Test(arguments: [Int64.min, -1, 0, Int64.max - 1, Int64.max])
    func `no expiry is too mad`(_ expiresAt: Int64) {
        var table = LinkTable()
        let link = Self.link(1, expiresAt: expiresAt)
        table.add(link)
        for _ in 0..<4 { table.forget(now: 1_714_996_800) }
        let isValid = expiresAt > 1_714_996_800
        #expect(table.count == (isValid ? 1 : 0))
        let resolution = table.resolve(link.id, now: 1_714_996_800)
        #expect(resolution == (isValid ? .valid(link) : .unknown))
    }

    @Test func `a later clock that goes back brings nothing to light and loses nothing`() {
        var table = LinkTable()
        let link = Self.link(1, expiresAt: 1_000_000)
        table.add(Self.link(2, expiresAt: 0))
        table.add(link)
        for _ in 0..<4 { table.forget(now: 500_000) }
        table.forget(now: 0)
        #expect(table.resolve(link.id, now: 0) == .valid(link))
        #expect(table.count == 1)
    }
}
