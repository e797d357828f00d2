/// How long a connection may take over each step, in milliseconds.
package struct ConnectionTimeouts: Hashable, Sendable {
    /// From one response to the first byte of the next request.
    ///
    /// nginx: 75 s; Node: 5 s; Apache: 5
    /// s.
    package var idleMilliseconds: UInt64 = 60_000
    /// From the first byte of a head to its last, however many bytes come: slow senders of heads
    /// hold a connection no longer than this.
    ///
    /// nginx: 60 s; Node: 60 s; Apache: 20...40 s.
    package var headMilliseconds: UInt64 = 30_000
    /// From one piece of a body to the next, while we wait for it.
    ///
    /// nginx: 60 s.
    package var bodyMilliseconds: UInt64 = 60_000
    /// Bytes a second that a body has to bring on the average of each `bodyMilliseconds` in which
    /// we wait for it; 0 for any.
    ///
    /// A client that sends a byte now and then would hold a place for an upload as long as it
    /// likes. Apache (`mod_reqtimeout`): 500.
    package var bodyBytesPerSecondMin: UInt64 = 500
    /// From one piece of a response that the client takes to the next.
    ///
    /// nginx: 60 s.
    package var writeMilliseconds: UInt64 = 60_000
    /// From one piece that is thrown away to the next, after the last response.
    ///
    /// nginx: 5 s.
    package var lingerMilliseconds: UInt64 = 5_000
    /// From the last response to the end, however many pieces still come.
    ///
    /// nginx: 30 s.
    package var lingerTotalMilliseconds: UInt64 = 30_000

    /// The times as documented on each property.
    package init() {}

    /// Most milliseconds for each step of a connection that is only told to come again: one that is
    /// over a limit must not stay as if it were within it.
    package static let turningAwayMilliseconds: UInt64 = 1_000

    /// The times for a connection that is answered at once and closed.
    package var forTurningAway: ConnectionTimeouts {
        var brief = self
        brief.writeMilliseconds = min(writeMilliseconds, Self.turningAwayMilliseconds)
        brief.lingerMilliseconds = min(lingerMilliseconds, Self.turningAwayMilliseconds)
        brief.lingerTotalMilliseconds = min(
            lingerTotalMilliseconds,
            Self.turningAwayMilliseconds
        )
        return brief
    }
}
