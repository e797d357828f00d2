import Dispatch
import TestSupport
import UV

/// A file system on which the removal of one path waits for the test.
///
/// The commit thread does such a removal when it is asked for; meanwhile a test can queue up what
/// is to come together into one group.
struct GatedFileSystem: ForwardingFileSystem {
    let base: any FileSystem
    /// Nothing stands there, and the wait leaves no trace on `base`.
    let gatedPath: String
    private let arrived = DispatchSemaphore(value: 0)
    private let gate = DispatchSemaphore(value: 0)

    init(base: any FileSystem, gatedPath: String) {
        self.base = base
        self.gatedPath = gatedPath
    }

    /// Waits until the removal has begun.
    func waitForArrival() { arrived.wait() }

    /// Lets the removal fail, and the thread go on.
    func open() { gate.signal() }

    func remove(_ path: String) throws(UVError) {
        guard path == gatedPath else { return try base.remove(path) }
        arrived.signal()
        gate.wait()
        throw .notFound
    }
}
