/// How a snapshot of any size is written beside requests without their noticing.
///
/// ```
/// write a stretch ─▶ give it to the disk ─▶ wait for those long before ─▶ pause ─▶ (again)
/// ```
struct SnapshotPace: Sendable {
    /// Bytes after which what was written is given to the disk: a block.
    ///
    /// The flush of a record waits on some file systems for all that is to be written back. This
    /// gives it to the disk in small pieces, evenly, and never all at once.
    var stretchBytes = UInt64(SnapshotFormat.itemsByteLimit)
    /// Bytes that the disk has been given and has not taken yet, at most, but for one stretch.
    ///
    /// Enough that nothing is waited for while the disk flushes something else, and so little that
    /// a slow one (100 MB/s) has taken it in 40 ms.
    var writeBackBytesMax: UInt64 = 4 << 20
    /// Called after each stretch; may take its time.
    var pause: @Sendable () -> Void = {}
}
