internal import Bytes

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
        let days = Self.day(of: secondsSince1970)
        let second = Int(secondsSince1970 - days * Self.secondsPerDay)
        let date = CivilDate(daysSince1970: Int(days))
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

    /// The day since 1970 that a second lies in, rounded down also before it.
    static func day(of second: Int64) -> Int64 {
        let (quotient, remainder) = second.quotientAndRemainder(dividingBy: secondsPerDay)
        return remainder < 0 ? quotient - 1 : quotient
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
