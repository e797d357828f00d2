internal import HTTP1
internal import UV

/// The wall clock as responses need it: the text of `Date` is made once a second.
struct WorkerClock {
    private var secondOfText: Int64 = .min
    private var text: [UInt8] = []

    /// Seconds since 1970.
    var seconds: Int64 { wallClock().seconds }

    /// The value of `Date` for a response made now (RFC 9110 §6.6.1).
    ///
    /// - Returns: an IMF-fixdate in ASCII.
    mutating func dateText() -> [UInt8] {
        let now = seconds
        if now != secondOfText {
            text.removeAll(keepingCapacity: true)
            HTTPDate(secondsSince1970: now).encode(into: &text)
            secondOfText = now
        }
        return text
    }
}
