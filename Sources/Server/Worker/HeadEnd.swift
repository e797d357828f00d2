internal import HTTP1
internal import UV

/// What nearly every head ends with, kept ready: the date, a name for the request, the empty line.
/// ```
/// Date: Mon, 06 May 2024 12:00:00 GMT
/// X-Request-Id: 9f86d081884c7d650000002a
/// ```
/// The text of the date is made once a second, the system is asked for the time once in a turn of
/// the loop, and of the name mostly one digit changes from request to request.
struct HeadEnd {
    private static let dateName = Array("Date: ".utf8)
    private static let requestIDName = Array("\r\nX-Request-Id: ".utf8)
    private static let headEnd = Array("\r\n\r\n".utf8)

    private var bytes: [UInt8] = []
    private var nameStart = 0
    private var nameEnd = 0
    private var second = Int64.min
    private var loopMilliseconds = UInt64.max

    /// Begins with a random name.
    init() { setDate(second: 0, name: RequestIDGenerator().text) }

    /// Adds the end of a head that says nothing about the connection: both fields, with the next
    /// name, and the empty line.
    ///
    /// - Parameters:
    ///   - output: where it is written.
    ///   - loopMilliseconds: the loop's clock; while it stands still, so does the date.
    mutating func appendNext(to output: OutputBatch, loopMilliseconds: UInt64) {
        updateDate(loopMilliseconds)
        RequestIDGenerator.countUp(&bytes, lastDigit: nameEnd - 1)
        output.append(bytes.span)
    }

    /// The name in what `appendNext` added last.
    var requestID: [UInt8] { Array(bytes[nameStart..<nameEnd]) }

    /// Makes the next name, for a request that is answered later.
    ///
    /// - Returns: 24 hexadecimal digits.
    mutating func nextRequestID() -> [UInt8] {
        RequestIDGenerator.countUp(&bytes, lastDigit: nameEnd - 1)
        return requestID
    }

    /// Gives the line of `Date` (RFC 9110 §6.6.1), and the name of the field that comes after it.
    ///
    /// - Parameter loopMilliseconds: as for `appendNext`.
    /// - Returns: all but the name of the request and what follows it.
    mutating func dateLine(loopMilliseconds: UInt64) -> ArraySlice<UInt8> {
        updateDate(loopMilliseconds)
        return bytes[..<nameStart]
    }

    /// Gives the date as a number.
    ///
    /// - Parameter loopMilliseconds: as for `appendNext`.
    /// - Returns: seconds since 1970.
    mutating func date(loopMilliseconds: UInt64) -> Int64 {
        updateDate(loopMilliseconds)
        return second
    }

    private mutating func updateDate(_ loopMilliseconds: UInt64) {
        guard loopMilliseconds != self.loopMilliseconds else { return }
        self.loopMilliseconds = loopMilliseconds
        let now = wallClock().seconds
        if now != second { setDate(second: now, name: requestID) }
    }

    private mutating func setDate(second: Int64, name: [UInt8]) {
        self.second = second
        bytes = Self.dateName
        HTTPDate(secondsSince1970: second).encode(into: &bytes)
        bytes += Self.requestIDName
        nameStart = bytes.count
        bytes += name
        nameEnd = bytes.count
        bytes += Self.headEnd
    }
}
