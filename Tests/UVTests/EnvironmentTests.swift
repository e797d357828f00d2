import Testing
import UV

@Suite struct EnvironmentTests {
    @Test func `variables are given with their values`() throws {
        let variables = try Environment.variables()
        let path = try #require(variables["PATH"])
        #expect(path.contains("/"))
    }
}
