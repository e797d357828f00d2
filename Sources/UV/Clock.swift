internal import CUV

/// The wall clock, for dates that people and other programs see.
///
/// Wraps `uv_gettimeofday`.
///
/// - Returns: whole seconds since 1970-01-01T00:00:00Z, and the microseconds beyond them.
package func wallClock() -> (seconds: Int64, microseconds: Int32) {
    var time = uv_timeval64_t()
    // SAFETY: libuv fills a variable of ours; it fails only for a bad address.
    unsafe _ = uv_gettimeofday(&time)
    return (time.tv_sec, time.tv_usec)
}

/// A clock that never goes back, for measuring how long things take.
///
/// Wraps `uv_hrtime`.
///
/// - Returns: nanoseconds since some moment in the past.
package func monotonicNanoseconds() -> UInt64 { uv_hrtime() }

/// Lets the calling thread sleep, which is never a loop's.
///
/// Wraps `uv_sleep`.
///
/// - Parameter milliseconds: for how long, and a little more (`timer_slack` in prctl(2)).
package func sleep(milliseconds: UInt32) { uv_sleep(milliseconds) }
