internal import UV

/// The wall clock, as endpoints need it.
struct WorkerClock {
    /// Seconds since 1970.
    var seconds: Int64 { wallClock().seconds }
}
