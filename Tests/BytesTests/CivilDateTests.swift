import Bytes
import Testing

@Suite struct CivilDateTests {
    private func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        CivilDate.daysSince1970(year: year, month: month, day: day)
    }

    @Test func `a date is found from its day, and the day from its date`() {
        let known = [
            (0, 1970, 1, 1), (-1, 1969, 12, 31), (11_016, 2000, 2, 29), (47_541, 2100, 3, 1),
            (-719_468, 0, 3, 1), (-719_469, 0, 2, 29), (2_932_896, 9999, 12, 31),
        ]
        for (days, year, month, dayOfMonth) in known {
            let date = CivilDate(daysSince1970: days)
            #expect((date.year, date.month, date.day) == (year, month, dayOfMonth))
            #expect(day(year, month, dayOfMonth) == days)
        }
    }

    @Test func `a day that the month does not have is counted on from its end`() {
        #expect(day(2023, 2, 29) == day(2023, 3, 1))
        #expect(day(2023, 4, 31) == day(2023, 5, 1))
    }

    @Test func `days follow one another through 800 years`() {
        var previous = CivilDate(daysSince1970: -146_098)
        for dayNumber in -146_097...146_097 {
            let date = CivilDate(daysSince1970: dayNumber)
            let isLeap =
                previous.year % 4 == 0 && (previous.year % 100 != 0 || previous.year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            let follows =
                if previous.day < lengths[previous.month - 1] {
                    (date.year, date.month, date.day)
                        == (previous.year, previous.month, previous.day + 1)
                } else if previous.month < 12 {
                    (date.year, date.month, date.day) == (previous.year, previous.month + 1, 1)
                } else {
                    (date.year, date.month, date.day) == (previous.year + 1, 1, 1)
                }
            guard follows else {
                Issue.record("\(date) does not follow \(previous)")
                return
            }
            #expect(day(date.year, date.month, date.day) == dayNumber)
            previous = date
        }
    }
}
