import HTTP1
import Testing

@Suite struct `Entity tag` {
    @Test func `a strong and a weak one are read and written`() {
        #expect(EntityTag(parsing: "\"a\"") == EntityTag("a"))
        #expect(EntityTag(parsing: "W/\"a\"") == EntityTag("a", isWeak: true))
        #expect(EntityTag(parsing: "\"\"") == EntityTag(""))
        #expect(EntityTag(parsing: "\"é\\,\"") == EntityTag("é\\,"))
        #expect(EntityTag("a").description == "\"a\"")
        #expect(EntityTag("a", isWeak: true).description == "W/\"a\"")
    }

    @Test(arguments: [
        "", "a", "\"a", "a\"", "w/\"a\"", "W\"a\"", "W/ \"a\"", "\"a\"b", "\"a b\"", "\"a\u{7F}\"",
        "*", "\"a\", \"b\"", "'a'",
    ])
    func `what is not one entity tag is not read`(_ value: String) {
        #expect(EntityTag(parsing: value) == nil)
    }

    /// The table of RFC 9110 §8.8.3.2.
    @Test(arguments: [
        ("W/\"1\"", "W/\"1\"", false, true), ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true), ("\"1\"", "\"1\"", true, true),
        ("\"1\"", "\"2\"", false, false),
    ])
    func `comparison follows the table of the RFC`(
        _ first: String,
        _ second: String,
        _ strongly: Bool,
        _ weakly: Bool
    ) throws {
        let left = try #require(EntityTag(parsing: first))
        let right = try #require(EntityTag(parsing: second))
        for (left, right) in [(left, right), (right, left)] {
            #expect(left.matchesStrongly(right) == strongly)
            #expect(left.matchesWeakly(right) == weakly)
        }
    }

    @Test func `a condition is an asterisk or a list`() {
        let (a, b) = (EntityTag("a"), EntityTag("b", isWeak: true))
        #expect(EntityTag.parseCondition("*") == .any)
        #expect(EntityTag.parseCondition("\"a\"") == .list([a]))
        #expect(EntityTag.parseCondition("\"a\", W/\"b\"") == .list([a, b]))
        #expect(EntityTag.parseCondition("\"a\",W/\"b\"\t,") == .list([a, b]))
        #expect(EntityTag.parseCondition(", ,\"a\"") == .list([a]))
        #expect(EntityTag.parseCondition("\"a,b\"") == .list([EntityTag("a,b")]))
        for value in ["", ",", "a", "*, \"a\"", "\"a\", *", "\"a\" \"b\"", "\"a\"; \"b\"", "**"] {
            #expect(EntityTag.parseCondition(value) == nil, "\(value)")
        }
    }

    @Test func `one of our own must be made of the right characters`() async {
        await #expect(processExitsWith: .failure) { _ = EntityTag("a\"b") }
        await #expect(processExitsWith: .failure) { _ = EntityTag("a b") }
    }
}
