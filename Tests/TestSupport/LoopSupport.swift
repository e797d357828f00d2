package import UV

/// What a test left behind on its loop.
package enum LoopLeak: Error, CustomStringConvertible {
    /// Something still waited when the time was up.
    case stillRunning(afterSeconds: UInt64)
    /// Someone still holds the loop: a handle that was not closed, or a closure that was not
    /// dropped.
    case stillReferenced

    package var description: String {
        switch self {
        case .stillRunning(let seconds): "the loop still had work to do after \(seconds) s"
        case .stillReferenced: "the loop was not released: a handle is open or a closure is kept"
        }
    }
}

/// How long a test's loop may run before the test is given up; far above what any of them needs, so
/// that a slow machine does not fail it, and far below the patience of whoever waits.
package let loopLimitSeconds: UInt64 = 60

/// Makes a loop, lets a test use it, runs it dry, and requires that it goes without a trace.
///
/// That the loop goes proves that every handle was closed, because each keeps its loop alive; and
/// `Loop.deinit` itself requires that libuv counts no handle and no request.
///
/// - Parameters:
///   - limitSeconds: how long the loop may run.
///   - body: sets up what is to happen on the loop. Called on the thread that runs the loop.
/// - Throws: what `body` threw, or a `LoopLeak`.
package func withLoop(
    limitSeconds: UInt64 = loopLimitSeconds,
    _ body: (Loop) throws -> Void
) throws {
    ignoreBrokenPipeSignal()
    let trace = LoopTrace()
    try runDry(limitSeconds: limitSeconds, trace: trace, body)
    guard trace.loop == nil else { throw LoopLeak.stillReferenced }
}

/// Holds the only strong references to the loop, so that they end with the call.
private func runDry(
    limitSeconds: UInt64,
    trace: LoopTrace,
    _ body: (Loop) throws -> Void
) throws {
    let loop = try Loop()
    trace.loop = loop
    let watchdog = try Timer(on: loop)
    watchdog.start(afterMilliseconds: limitSeconds * 1000) {
        trace.isOverdue = true
        loop.stop()
    }
    // Otherwise the watchdog itself would be what the loop waits for.
    watchdog.unref()
    defer {
        watchdog.close()
        if !trace.isOverdue { loop.run() }
    }
    try body(loop)
    loop.run()
    if trace.isOverdue { throw LoopLeak.stillRunning(afterSeconds: limitSeconds) }
}

private final class LoopTrace {
    weak var loop: Loop?
    var isOverdue = false
}
