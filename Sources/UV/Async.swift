/// A way to send values to a closure of a loop from any thread, as often as one likes.
///
/// Unlike a `Completion` it does not keep the loop running. Values arrive in the order in which
/// each thread sent them.
package struct Async<Value: Sendable>: Sendable {
    private let receiver: AsyncReceiver<Value>
    private let mailbox: Mailbox

    /// Opens a way into a loop; call it on the loop's thread.
    ///
    /// - Parameters:
    ///   - loop: the loop to run on.
    ///   - receive: called on that loop for each value.
    package init(on loop: Loop, _ receive: @escaping (Value) -> Void) {
        receiver = AsyncReceiver(receive)
        mailbox = loop.mailbox
    }

    /// Sends a value; from any thread, never blocking for longer than a short mutex.
    ///
    /// - Parameter value: what the closure is called with. Dropped when the loop is gone.
    package func send(_ value: Value) {
        mailbox.post { [receiver] in receiver.receive?(value) }
    }

    /// Lets go of the closure; call it on the loop's thread.
    ///
    /// Values sent later are dropped.
    package func close() { receiver.receive = nil }
}

/// Holds the loop's closure.
///
/// `@unchecked Sendable`: `receive` is touched on the loop's thread only; see `Async`.
private final class AsyncReceiver<Value: Sendable>: @unchecked Sendable {
    var receive: ((Value) -> Void)?

    init(_ receive: @escaping (Value) -> Void) { self.receive = receive }
}
