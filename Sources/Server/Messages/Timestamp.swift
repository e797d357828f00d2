internal import Bytes

/// A moment as RFC 3339 writes it, in UTC: `2024-05-06T12:00:00Z`.
package struct Timestamp: Hashable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    /// Names a moment.
    ///
    /// - Parameter milliseconds: milliseconds since 1970-01-01T00:00:00Z.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Names a moment.
    ///
    /// - Parameter seconds: seconds since 1970-01-01T00:00:00Z.
    package init(seconds: Int64) {
        self.init(milliseconds: seconds * 1_000)
    }

    /// The text form to the second, as in `expires_at`.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes, showsMilliseconds: false)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text form.
    ///
    /// - Parameters:
    ///   - bytes: what it is appended to.
    ///   - showsMilliseconds: whether the fraction of the second is written.
    package func append(to bytes: inout [UInt8], showsMilliseconds: Bool) {
        let dayMilliseconds: Int64 = 86_400_000
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: dayMilliseconds)
        // Rounds down also before 1970.
        let days = remainder < 0 ? quotient - 1 : quotient
        let time = Int(milliseconds - days * dayMilliseconds)
        let date = CivilDate(daysSince1970: Int(days))
        bytes.append(decimal: date.year, minimumDigits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: date.month, minimumDigits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: date.day, minimumDigits: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(decimal: time / 3_600_000, minimumDigits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: time / 60_000 % 60, minimumDigits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: time / 1_000 % 60, minimumDigits: 2)
        if showsMilliseconds {
            bytes.append(UInt8(ascii: "."))
            bytes.append(decimal: time % 1_000, minimumDigits: 3)
        }
        bytes.append(UInt8(ascii: "Z"))
    }
}
