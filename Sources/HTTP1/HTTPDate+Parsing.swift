internal import Bytes

/// Reading. Recipients must accept all three forms (RFC 9110 §5.6.7):
///
/// ```
/// Sun, 06 Nov 1994 08:49:37 GMT    IMF-fixdate
/// Sunday, 06-Nov-94 08:49:37 GMT   obsolete, RFC 850
/// Sun Nov  6 08:49:37 1994         obsolete, asctime()
/// ```
extension HTTPDate {
    /// Reads a date.
    ///
    /// - Parameters:
    ///   - text: the whole field value. Names are told apart by case, and the day's name is only
    ///     checked for being one, since the date is complete without it.
    ///   - now: seconds since 1970; decides the century of a two-digit year.
    package init?(parsing text: String, now: Int64) {
        self.init(parsing: text.utf8Span.span, now: now)
    }

    /// Reads a date.
    ///
    /// - Parameters:
    ///   - value: the whole field value.
    ///   - now: seconds since 1970; decides the century of a two-digit year.
    init?(parsing value: Span<UInt8>, now: Int64) {
        var fields = DateFieldReader(value.count)
        guard let date = fields.readAll(value, now: now) else { return nil }
        self = date
    }
}

/// Reads the pieces of a date; each step gives nil at the first byte that does not fit.
private struct DateFieldReader {
    private var reader = FieldValueReader()
    private let count: Int

    init(_ count: Int) { self.count = count }

    mutating func readAll(_ value: Span<UInt8>, now: Int64) -> HTTPDate? {
        guard let dayName = reader.token(value).map({ String(value.extracting($0)) }) else {
            return nil
        }
        let date: HTTPDate?
        if HTTPDate.dayNames.contains(dayName) {
            date = reader.take(Grammar.comma, value) ? imfFixdate(value) : asctime(value)
        } else if HTTPDate.longDayNames.contains(dayName), reader.take(Grammar.comma, value) {
            date = rfc850(value, now: now)
        } else {
            return nil
        }
        return reader.isAtEnd(value) ? date : nil
    }

    private mutating func imfFixdate(_ value: Span<UInt8>) -> HTTPDate? {
        guard space(value), let day = number(2, value), space(value),
            let month = month(value), space(value), let year = number(4, value), space(value),
            let time = time(value), gmt(value)
        else { return nil }
        return Self.date(year, month, day, time)
    }

    private mutating func rfc850(_ value: Span<UInt8>, now: Int64) -> HTTPDate? {
        let hyphen = UInt8(ascii: "-")
        guard space(value), let day = number(2, value), reader.take(hyphen, value),
            let month = month(value), reader.take(hyphen, value), let year = number(2, value),
            space(value), let time = time(value), gmt(value)
        else { return nil }
        // A date that would be more than 50 years ahead is the latest past one with these digits.
        let currentDay = HTTPDate.day(of: now)
        let current = CivilDate(daysSince1970: Int(currentDay))
        let candidate = current.year - current.year % 100 + year
        let date = Self.date(candidate, month, day, time)
        guard candidate > current.year else { return date }
        let (limitYear, timeOfDay) = (current.year + 50, now - currentDay * HTTPDate.secondsPerDay)
        let isFar =
            Self.seconds(candidate, month, day) + Int64(time)
            > Self.seconds(limitYear, current.month, current.day) + timeOfDay
        return isFar ? Self.date(candidate - 100, month, day, time) : date
    }

    private mutating func asctime(_ value: Span<UInt8>) -> HTTPDate? {
        guard space(value), let month = month(value), space(value) else { return nil }
        // A day below ten has a space in place of its first digit.
        guard let day = space(value) ? number(1, value) : number(2, value), space(value),
            let time = time(value), space(value), let year = number(4, value)
        else { return nil }
        return Self.date(year, month, day, time)
    }

    private mutating func space(_ value: Span<UInt8>) -> Bool { reader.take(Grammar.space, value) }

    private mutating func gmt(_ value: Span<UInt8>) -> Bool {
        guard space(value), let zone = reader.token(value) else { return false }
        return value.extracting(zone).equals("GMT")
    }

    private mutating func month(_ value: Span<UInt8>) -> Int? {
        // "Nov-94" is one token, so that the three letters are cut out.
        let start = reader.position
        guard start + 3 <= count else { return nil }
        let name = String(value.extracting(start..<start + 3))
        reader.position += 3
        return HTTPDate.monthNames.firstIndex(of: name).map { $0 + 1 }
    }

    private mutating func number(_ digits: Int, _ value: Span<UInt8>) -> Int? {
        let start = reader.position
        guard start + digits <= count else { return nil }
        reader.position += digits
        return Grammar.decimal(value, start..<start + digits).map { Int($0) }
    }

    /// Seconds of the day.
    ///
    /// `:60` is a leap second, which the arithmetic puts into the next minute.
    private mutating func time(_ value: Span<UInt8>) -> Int? {
        guard let hour = number(2, value), hour < 24, reader.take(Grammar.colon, value),
            let minute = number(2, value), minute < 60, reader.take(Grammar.colon, value),
            let second = number(2, value), second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    /// Seconds since 1970 at which a day begins.
    private static func seconds(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        return Int64(days) * HTTPDate.secondsPerDay
    }

    private static func date(_ year: Int, _ month: Int, _ day: Int, _ time: Int) -> HTTPDate? {
        let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        // A day that the month does not have comes back as another date.
        let date = CivilDate(daysSince1970: days)
        guard (date.year, date.month, date.day) == (year, month, day) else { return nil }
        let seconds = seconds(year, month, day) + Int64(time)
        guard HTTPDate.representableSeconds.contains(seconds) else { return nil }
        return HTTPDate(secondsSince1970: seconds)
    }
}
