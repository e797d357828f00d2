/// A point in time as HTTP writes it (RFC 9110 §5.6.7): whole seconds, UTC.
///
/// It is arithmetic only, on the proleptic Gregorian calendar: no time zone, locale or C library.
package struct HTTPDate: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let secondsSince1970: Int64

    /// The seconds that four digits of the year can show: 0000-01-01 up to the end of 9999.
    package static let representableSeconds: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// Makes a date.
    ///
    /// - Parameter secondsSince1970: within `representableSeconds`.
    package init(secondsSince1970: Int64) {
        precondition(
            Self.representableSeconds.contains(secondsSince1970),
            "the year has four digits"
        )
        self.secondsSince1970 = secondsSince1970
    }

    package static func < (left: HTTPDate, right: HTTPDate) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let longDayNames = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    static let secondsPerDay: Int64 = 86_400
}

/// Writing.
extension HTTPDate {
    /// Appends the date as an IMF-fixdate, the only form that may be sent: 29 bytes such as
    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// - Parameter output: gets the bytes.
    package func encode(into output: inout [UInt8]) {
        // Floor division, for the days before 1970.
        let (quotient, remainder) = secondsSince1970.quotientAndRemainder(
            dividingBy: Self.secondsPerDay
        )
        let days = remainder < 0 ? quotient - 1 : quotient
        let second = Int(remainder < 0 ? remainder + Self.secondsPerDay : remainder)
        let date = Self.civil(fromDays: days)
        output += Self.dayNames[Self.weekday(ofDay: days)].utf8
        output += ", ".utf8
        Self.appendDigits(date.day, 2, &output)
        output.append(Grammar.space)
        output += Self.monthNames[date.month - 1].utf8
        output.append(Grammar.space)
        Self.appendDigits(date.year, 4, &output)
        output.append(Grammar.space)
        Self.appendDigits(second / 3_600, 2, &output)
        output.append(Grammar.colon)
        Self.appendDigits(second / 60 % 60, 2, &output)
        output.append(Grammar.colon)
        Self.appendDigits(second % 60, 2, &output)
        output += " GMT".utf8
    }

    private static func appendDigits(_ value: Int, _ count: Int, _ output: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// 1970-01-01 was a Thursday.
    static func weekday(ofDay days: Int64) -> Int {
        let index = (days + 4) % 7
        return Int(index < 0 ? index + 7 : index)
    }
}

extension HTTPDate: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The calendar. Both directions count years from March, so that the leap day comes last, and
/// 400-year eras of 146,097 days (the method is Howard Hinnant's, "chrono-compatible low-level date
/// algorithms").
extension HTTPDate {
    private static let daysPerEra: Int64 = 146_097
    /// Days from 0000-03-01 to 1970-01-01.
    private static let epochDays: Int64 = 719_468

    static func civil(fromDays days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + epochDays
        let era = (shifted >= 0 ? shifted : shifted - (daysPerEra - 1)) / daysPerEra
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(day))
    }

    static func days(year: Int, month: Int, day: Int) -> Int64 {
        let marchYear = Int64(month <= 2 ? year - 1 : year)
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let marchMonth = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * marchMonth + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysPerEra + dayOfEra - epochDays
    }
}
