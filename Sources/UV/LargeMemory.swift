internal import CReserve
internal import CUV
internal import Synchronization

/// Memory that may be refused: pieces of files, images, whatever a client makes us need much of.
///
/// Swift ends the process when the system has no memory for an object or an array. Two things keep
/// that from happening where an operator has set a limit (RLIMIT_AS, RLIMIT_DATA, strict
/// overcommit):
/// - What is large is asked for here, and whoever asks has an answer for no.
/// - What is small comes from a reserve once the system refuses it (`CReserve`). From then on
///   nothing large is given out until the reserve could be taken back, so that it is left to what
///   is small.
///
/// ```
/// whole ──an allocation of anybody else's is refused──▶ given up ──it fits again──▶ whole
/// ```
/// One object stands for the process; tests have their own, and make it refuse.
package final class LargeMemory: Sendable {
    /// What is held back, in bytes: address space, of which no page is ever touched.
    ///
    /// While it is given up no upload is taken, nothing is read from files, and no link is made, so
    /// that only connections grow: thousands of them have room.
    package static let reserveBytes = 32 << 20
    /// What has to be left to others when the reserve is taken back, in bytes: a dozen large
    /// pieces, so that it is not given up again at once.
    package static let roomBytes = 4 << 20

    /// The smallest block that tests want to be refused, in bytes; `Int.max` for none.
    private let refusedBytesMin = Atomic<Int>(.max)
    private let refusalCount = Atomic<Int>(0)

    /// Stands for the memory of the process.
    package init() {}

    /// Holds the reserve back, once, at the start of the process.
    ///
    /// - Throws: `ENOMEM` when there is not even that much.
    package static func holdReserve() throws(UVError) {
        // Unlike those of other threads the main thread's stack grows with its use, and the process
        // ends when it may not.
        cuv_grow_stack()
        guard creserve_hold(reserveBytes) else { throw .outOfMemory }
    }

    /// Allocates a zeroed block.
    ///
    /// - Parameter capacity: its size in bytes, at least 1.
    /// - Returns: the block, or `nil` when the system refuses it, or the reserve is given up.
    package func buffer(capacity: Int) -> Buffer? {
        let isWanted = capacity < refusedBytesMin.load(ordering: .relaxed)
        if isWanted, isAmple, let buffer = Buffer(trying: capacity) { return buffer }
        refusalCount.add(1, ordering: .relaxed)
        return nil
    }

    /// Whether large memory is given out at all; takes the reserve back where that is possible.
    package var isAmple: Bool {
        refusedBytesMin.load(ordering: .relaxed) > 1 && creserve_restore(Self.roomBytes)
    }

    /// How often memory was refused so far, large or small; when it has changed, what is kept for
    /// speed alone should go.
    package var shortageCount: Int {
        refusalCount.load(ordering: .relaxed) + Int(creserve_spent_count())
    }

    /// Whether the reserve stands behind every allocation of the process; not in builds with a
    /// sanitizer.
    package static var isBehindEveryAllocation: Bool { creserve_is_behind_malloc() }

    /// Refuses blocks from some size on, as a limit of the operator's would: for tests.
    ///
    /// - Parameter sizeBytes: the smallest one that is refused; 1 for all, `Int.max` for none.
    package func refuse(from sizeBytes: Int) {
        refusedBytesMin.store(sizeBytes, ordering: .relaxed)
    }
}
