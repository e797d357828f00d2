import Glibc
import TestSupport
import Testing
import UV

/// The kinds of handles, each as easily made as the other, for what all of them promise.
enum HandleKind: String, CaseIterable, Codable, Sendable {
    case timer, signal, tcp, tcpWithDescriptor

    /// Makes a handle and sets it to work, so that there is something to close.
    func start(on loop: Loop) throws -> Handle {
        switch self {
        case .timer:
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 3_600_000) { Issue.record("fired an hour too early") }
            return timer
        case .signal:
            let signal = try Signal(on: loop)
            // The suite for signals may send one meanwhile, and all watchers are told.
            try signal.start(.terminate) {}
            return signal
        case .tcp:
            return try listener(on: loop) { _ in Issue.record("nobody connects") }
        case .tcpWithDescriptor:
            let socket = try TCP.sharingPort(of: try anyPort(), on: loop)
            try socket.listen(backlog: 1) { _ in Issue.record("nobody connects") }
            return socket
        }
    }
}

@Suite struct HandleTests {
    @Test(arguments: HandleKind.allCases)
    func `a started handle is active until it is closed`(kind: HandleKind) throws {
        try withLoop { loop in
            let handle = try kind.start(on: loop)
            #expect(handle.isActive)
            #expect(!handle.isClosing)
            handle.close()
            #expect(!handle.isActive)
            #expect(handle.isClosing)
        }
    }

    @Test(arguments: HandleKind.allCases)
    func `the close completion comes once, after close has returned`(kind: HandleKind) throws {
        var calls: [String] = []
        try withLoop { loop in
            let handle = try kind.start(on: loop)
            handle.close {
                calls.append("completion")
                #expect(handle.isClosing)
            }
            calls.append("returned")
        }
        #expect(calls == ["returned", "completion"])
    }

    @Test(arguments: HandleKind.allCases)
    func `closing twice is harmless and calls each completion once`(kind: HandleKind) throws {
        var calls: [String] = []
        try withLoop { loop in
            let handle = try kind.start(on: loop)
            handle.close {
                calls.append("first")
                handle.close { calls.append("third") }
            }
            handle.close { calls.append("second") }
        }
        #expect(calls.sorted() == ["first", "second", "third"])
    }

    @Test(arguments: HandleKind.allCases)
    func `a handle is held by libuv until it is closed and by nobody afterwards`(
        kind: HandleKind
    ) throws {
        weak var trace: Handle?
        try withLoop { loop in
            do { trace = try kind.start(on: loop) }
            #expect(trace != nil, "an open handle disappeared under libuv")
            trace?.close()
            #expect(trace != nil, "a closing handle disappeared before its callback")
        }
        #expect(trace == nil)
    }

    @Test(arguments: HandleKind.allCases)
    func `an unreferenced handle does not keep the loop running`(kind: HandleKind) throws {
        try withLoop { loop in
            let handle = try kind.start(on: loop)
            handle.unref()
            loop.run()
            #expect(handle.isActive)
            handle.ref()
            loop.enqueue { handle.close() }
            loop.run()
            #expect(handle.isClosing)
            handle.unref()
            handle.ref()
        }
    }

    @Test(arguments: HandleKind.allCases)
    func `a forgotten handle fails the test that forgot it`(kind: HandleKind) async {
        // In a process of its own, which ends without a search for leaks: what it forgets is one.
        await #expect(processExitsWith: .success) { [kind] in
            do {
                try withLoop { loop in try kind.start(on: loop).unref() }
            } catch is LoopLeak {
                _exit(EXIT_SUCCESS)
            }
            _exit(EXIT_FAILURE)
        }
    }

    @Test(arguments: HandleKind.allCases)
    func `releasing a handle before its close callback traps`(kind: HandleKind) async {
        let result = await #expect(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [kind] in
            let loop = try Loop()
            // SAFETY: breaking the rule is what is tested, in a process of its own.
            let handle = unsafe Unmanaged.passRetained(try kind.start(on: loop))
            // Takes away libuv's own reference besides ours, which no other code can.
            unsafe handle.release()
            unsafe handle.release()
        }
        requireMessage("a handle was released before its close callback", in: result)
    }
}
