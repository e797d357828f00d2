import HTTP1
import TestSupport
import Testing

@Suite struct `HTTP date` {
    /// 2026-11-25T16:00:00Z.
    private static let now: Int64 = 1_795_622_400

    static let known: [(Int64, String)] = [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
        (-62_167_219_200, "Sat, 01 Jan 0000 00:00:00 GMT"),
    ]

    @Test(arguments: known)
    func `is written and read`(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate(secondsSince1970: seconds).description == text)
        #expect(HTTPDate(parsing: text, now: Self.now)?.secondsSince1970 == seconds)
    }

    @Test func `every fifth day of four hundred years is written and read back`() {
        for day in stride(from: Int64(0), to: 146_097, by: 5) {
            let date = HTTPDate(secondsSince1970: day * 86_400 + day % 86_400)
            #expect(HTTPDate(parsing: date.description, now: Self.now) == date)
        }
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ])
    func `the three forms are read`(_ text: String) {
        #expect(HTTPDate(parsing: text, now: Self.now)?.secondsSince1970 == 784_111_777)
    }

    @Test func `asctime writes days above nine with two digits`() {
        let date = HTTPDate(parsing: "Wed Nov 16 08:49:37 1994", now: Self.now)
        #expect(date?.description == "Wed, 16 Nov 1994 08:49:37 GMT")
    }

    @Test(arguments: [
        ("Friday, 31-Dec-99 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:59 GMT"),
        ("Monday, 01-Jan-26 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("Monday, 01-Jan-75 00:00:00 GMT", "Tue, 01 Jan 2075 00:00:00 GMT"),
        // Just fifty years ahead, and a second more.
        ("Monday, 25-Nov-76 16:00:00 GMT", "Wed, 25 Nov 2076 16:00:00 GMT"),
        ("Monday, 25-Nov-76 16:00:01 GMT", "Thu, 25 Nov 1976 16:00:01 GMT"),
        ("Monday, 01-Jan-77 00:00:00 GMT", "Sat, 01 Jan 1977 00:00:00 GMT"),
    ])
    func `a year of two digits is at most fifty years ahead`(_ text: String, _ expected: String) {
        #expect(HTTPDate(parsing: text, now: Self.now)?.description == expected)
    }

    @Test(arguments: [
        "", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 31 Apr 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 2023 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT", "Sunday 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "784111777",
        "Fri, 31 Dec 9999 23:59:60 GMT",
    ])
    func `what is no date is not read`(_ text: String) {
        #expect(HTTPDate(parsing: text, now: Self.now) == nil)
    }

    @Test func `a leap second is the first second of the next minute`() {
        let leap = HTTPDate(parsing: "Sat, 31 Dec 2016 23:59:60 GMT", now: Self.now)
        #expect(leap?.description == "Sun, 01 Jan 2017 00:00:00 GMT")
    }

    @Test func `a year of five digits is a programmer's mistake`() async {
        await #expect(processExitsWith: .failure) {
            _ = HTTPDate(secondsSince1970: 253_402_300_800)
        }
        await #expect(processExitsWith: .failure) {
            _ = HTTPDate(secondsSince1970: -62_167_219_201)
        }
    }
}
