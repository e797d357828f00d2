/// A day of the calendar that dates on the wire use: Gregorian, UTC, also before it was introduced
/// (ISO 8601).
///
/// Stands in `Bytes` because logs, links and statistics all write dates.
package struct CivilDate: Hashable, Sendable {
    /// The year.
    package let year: Int
    /// The month, `1...12`.
    package let month: Int
    /// The day of the month, `1...31`.
    package let day: Int

    /// Days from 0000-03-01 to 1970-01-01.
    private static let daysFromMarch0To1970 = 719_468
    /// Days of 400 years, after which the calendar repeats.
    private static let daysPerEra = 146_097

    /// Finds the date of a day.
    ///
    /// Counts years from March, so that the day that leap years add comes last. Then 400 years
    /// always have 146,097 days, 4 years 1,461, and the months up to January follow the line 30.6 ×
    /// n.
    ///
    /// - Parameter days: days since 1970-01-01, negative before it.
    package init(daysSince1970 days: Int) {
        let sinceMarch = days + Self.daysFromMarch0To1970
        // Rounds down also before the year 0.
        let era =
            (sinceMarch >= 0 ? sinceMarch : sinceMarch - (Self.daysPerEra - 1)) / Self.daysPerEra
        let dayOfEra = sinceMarch - era * Self.daysPerEra
        // Takes the leap days before `dayOfEra` away, so that what is left divides by 365.
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// Finds the day of a date, by the same count of years.
    ///
    /// - Parameters:
    ///   - year: the year.
    ///   - month: the month, `1...12`.
    ///   - day: the day of the month; one that the month does not have is counted on from its end.
    /// - Returns: days since 1970-01-01, negative before it.
    package static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysPerEra + dayOfEra - daysFromMarch0To1970
    }
}
