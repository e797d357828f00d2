internal import Synchronization

/// A one-shot way to call a closure of a loop from any thread.
///
/// The closure is registered on the loop with `Loop.completion`, `resolve` is called once from
/// anywhere, and the closure then runs once on the loop, never before `Loop.completion` returned.
/// As long as it is pending, the loop runs on.
package struct Completion<Value: Sendable>: Sendable {
    private let box: CompletionBox<Value>

    fileprivate init(_ box: CompletionBox<Value>) { self.box = box }

    /// Hands over the value, exactly once.
    ///
    /// - Parameter value: what the closure is called with.
    package func resolve(_ value: Value) { box.resolve(value) }
}

extension Loop {
    /// Registers a closure that is to be called once with a value from elsewhere.
    ///
    /// - Parameter body: called once, on this loop.
    /// - Returns: the way to call it from any thread.
    package func completion<Value: Sendable>(
        _ body: @escaping (Value) -> Void
    ) -> Completion<Value> {
        completionBegan()
        return Completion(
            CompletionBox(mailbox: mailbox) { [self] value in
                completionEnded()
                body(value)
            }
        )
    }
}

/// Carries a loop's closure across threads without letting any of them touch it.
///
/// `@unchecked Sendable`: `body` is set before the box is handed out and read and dropped on the
/// loop only; the mailbox's mutex orders the two.
private final class CompletionBox<Value: Sendable>: @unchecked Sendable {
    private let mailbox: Mailbox
    private var body: ((Value) -> Void)?
    private let isResolved = Atomic<Bool>(false)

    init(mailbox: Mailbox, body: @escaping (Value) -> Void) {
        self.mailbox = mailbox
        self.body = body
    }

    func resolve(_ value: Value) {
        let before = isResolved.exchange(true, ordering: .relaxed)
        precondition(!before, "a completion was resolved twice")
        mailbox.post { [self] in
            // Dropped before it is called, so that what it captures is let go on the loop.
            let last = body
            body = nil
            last?(value)
        }
    }

    deinit {
        precondition(isResolved.load(ordering: .relaxed), "a completion was never resolved")
    }
}
