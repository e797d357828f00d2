internal import Server
internal import Testing

@Suite struct TimestampTests {
    /// Dates of `date -u -d @…`.
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
            (951_868_800, "2000-03-01T00:00:00Z"), (1_714_996_800, "2024-05-06T12:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"), (-2_203_891_200, "1900-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
        ] as [(Int64, String)]
    )
    func `a moment is written as RFC 3339 has it`(seconds: Int64, expected: String) {
        #expect(Timestamp(seconds: seconds).text == expected)
    }

    @Test func `milliseconds have three digits, before 1970 too`() {
        for (milliseconds, expected) in [
            (7, "1970-01-01T00:00:00.007Z"), (-1, "1969-12-31T23:59:59.999Z"),
        ] as [(Int64, String)] {
            var bytes: [UInt8] = []
            Timestamp(milliseconds: milliseconds).append(to: &bytes, showsMilliseconds: true)
            #expect(String(decoding: bytes, as: UTF8.self) == expected)
        }
    }
}
