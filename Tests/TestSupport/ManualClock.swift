internal import Synchronization

/// A clock that stands still until a test moves it.
package final class ManualClock: Sendable {
    private let seconds: Atomic<Int64>

    /// Makes a clock.
    ///
    /// - Parameter seconds: what it shows, in seconds since 1970.
    package init(_ seconds: Int64 = 1_714_996_800) { self.seconds = Atomic(seconds) }

    /// What it shows, in seconds since 1970.
    package var now: Int64 { seconds.load(ordering: .sequentiallyConsistent) }

    /// Moves it.
    ///
    /// - Parameter seconds: by how many seconds; backwards when negative.
    package func advance(by seconds: Int64) {
        self.seconds.wrappingAdd(seconds, ordering: .sequentiallyConsistent)
    }
}
