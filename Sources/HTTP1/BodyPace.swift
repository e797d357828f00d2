/// How fast a body comes, counted only while we wait for it.
///
/// The time that is waited is cut into windows, each of which has to bring its bytes itself. An
/// average since the beginning would let a client send a little fast and then trickle for hours on
/// the credit; and what a client may take over a short body is one whole window.
@usableFromInline
struct BodyPace: Equatable {
    /// Time of the present window in which the body was awaited, in milliseconds.
    private var waitedMilliseconds: UInt64 = 0
    /// Bytes that came in it.
    private var receivedBytes: UInt64 = 0

    /// Notes bytes of the body, or what frames it.
    ///
    /// - Parameter byteCount: how many.
    mutating func received(_ byteCount: Int) { receivedBytes += UInt64(byteCount) }

    /// Notes that the body was awaited for some time.
    ///
    /// A window that brought enough ends here; one that did not stays, and is overdue.
    ///
    /// - Parameters:
    ///   - milliseconds: how long.
    ///   - timeouts: the window and what it has to bring.
    mutating func waited(_ milliseconds: UInt64, _ timeouts: ConnectionTimeouts) {
        waitedMilliseconds += milliseconds
        if waitedMilliseconds >= timeouts.bodyMilliseconds, isEnough(timeouts) {
            self = BodyPace()
        }
    }

    /// When the present window is over if nothing more comes.
    ///
    /// - Parameters:
    ///   - since: since when the body is awaited without a break, in milliseconds.
    ///   - timeouts: the window and what it has to bring.
    /// - Returns: the time in milliseconds; `nil` when the window has brought enough already.
    func deadline(since: UInt64, _ timeouts: ConnectionTimeouts) -> UInt64? {
        guard !isEnough(timeouts) else { return nil }
        let window = timeouts.bodyMilliseconds
        return since + (window - min(window, waitedMilliseconds))
    }

    private func isEnough(_ timeouts: ConnectionTimeouts) -> Bool {
        let needed = timeouts.bodyBytesPerSecondMin * timeouts.bodyMilliseconds / 1_000
        return receivedBytes >= needed
    }
}
