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

    /// Finds the date of a day.
    ///
    /// Counts years from March, so that the day that leap years add comes last. Then 400 years
    /// always have 146,097 days, 4 years 1,461, and the months up to January follow the line 30.6 ×
    /// n.
    ///
    /// - Parameter days: days since 1970-01-01, negative before it.
    package init(daysSince1970 days: Int) {
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        let sinceMarch = days + 719_468
        // Rounds down also before the year 0.
        let era = (sinceMarch >= 0 ? sinceMarch : sinceMarch - 146_096) / 146_097
        let dayOfEra = sinceMarch - era * 146_097
        // Takes the leap days before `dayOfEra` away, so that what is left divides by 365.
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }
}
