import Glibc
import TestSupport
import Testing
import UV

/// One whole life of each kind of thing, to be lived over and over.
enum Life: String, CaseIterable, Codable, Sendable {
    case loop, timer, signal, connection, refusedConnection, async, completion, work, thread
    case batchThread, file, refusedFile, unknownErrorText

    func live() throws {
        switch self {
        case .loop: try withLoop { loop in loop.enqueue {} }
        case .timer, .signal: try liveHandle()
        case .connection, .refusedConnection: try liveConnection()
        case .async, .completion, .work: try livePost()
        case .thread, .batchThread: try liveThread()
        case .file, .refusedFile: try liveFile()
        case .unknownErrorText: _ = UVError(code: -9_999).description
        }
    }

    private func liveHandle() throws {
        try withLoop { loop in
            if self == .timer {
                let timer = try Timer(on: loop)
                timer.start(afterMilliseconds: 0) { timer.close() }
            } else {
                let signal = try Signal(on: loop)
                try signal.start(.interrupt) { signal.close() }
                signal.close()
            }
        }
    }

    private func liveConnection() throws {
        try withLoop { loop in
            guard self == .connection else {
                let socket = try TCP(on: loop)
                socket.write([OutputChunk([1])]) { _ in socket.close() }
                socket.shutdown { _ in }
                return
            }
            try connectedPair(on: loop) { client, server in
                client.write([OutputChunk([1])]) { _ in client.shutdown { _ in } }
                collect(server) { _ in
                    // A reset, so that thousands of rounds leave no port in TIME_WAIT.
                    server.reset()
                    client.close()
                }
            }
        }
    }

    private func livePost() throws {
        try withLoop { loop in
            let done = loop.completion { (_: Int) in }
            let async = Async(on: loop) { (value: Int) in done.resolve(value) }
            if self == .async { async.send(1) } else { done.resolve(2) }
            if self == .work {
                loop.work {
                    1
                } completion: { _ in
                }
            }
            loop.run()
            async.close()
        }
    }

    private func liveThread() throws {
        if self == .thread {
            try UV.Thread(name: "short") {}.join()
        } else {
            let thread = try BatchThread<Int>(name: "short") { _ in }
            thread.submit(1)
            thread.finish()
        }
    }

    private func liveFile() throws {
        let files = SystemFileSystem()
        if self == .file {
            let directory = try files.open("/proc/self", [.read, .directory], permissions: 0)
            files.close(directory)
            _ = try files.list("/sys")
        } else {
            #expect(throws: UVError.notFound) { try files.list("/nowhere") }
        }
    }
}

@Suite struct GrowthTests {
    /// After this many lives the allocator and the runtime's caches have what they need.
    private static let firstCount = 300
    /// A leak of the smallest block that malloc gives, 32 bytes, is 29 KiB after so many more.
    private static let secondCount = 900
    /// Rounds of which one has to show no growth.
    private static let roundCount = 4
    /// How far the resident memory may move: less than that leak.
    private static let growthLimitBytes = 24 << 10

    /// In a process of its own, whose memory no other test touches.
    @Test(.disabled(if: isSanitized, "a sanitizer's own memory grows"), arguments: Life.allCases)
    func `a thousand lives take no more memory or descriptors than some hundred`(
        life: Life
    ) async {
        await #expect(processExitsWith: .success) { [life] in
            for _ in 0..<Self.firstCount { try life.live() }
            // The first measurement costs memory of its own.
            _ = try (privateBytes(), openDescriptorCount())
            var growths: [Int] = []
            // What leaks does so in every round; what an allocator or a thread's stack takes once
            // on a busy machine does not.
            while growths.allSatisfy({ $0 > Self.growthLimitBytes }),
                growths.count < Self.roundCount
            {
                let (memory, descriptors) = try (privateBytes(), openDescriptorCount())
                for _ in 0..<Self.secondCount { try life.live() }
                growths.append(try privateBytes() - memory)
                let opened = try openDescriptorCount() - descriptors
                // Another thread of the test's process may have one open just now.
                #expect(opened < Self.secondCount / 100, "\(opened) descriptors more")
            }
            #expect(growths.contains { $0 <= Self.growthLimitBytes }, "\(growths) bytes more")
        }
    }
}

/// Memory of the process that is in RAM and not mapped from a file (man 5 proc: the second number
/// of statm less the third, in pages).
private func privateBytes() throws -> Int {
    let files = SystemFileSystem()
    let file = try files.open("/proc/self/statm", .read, permissions: 0)
    defer { files.close(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    var span = bytes.mutableSpan
    let count = try files.read(file, into: &span, at: 0)
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let pages = text.split(separator: " ").compactMap { Int($0) }
    return (pages[1] - pages[2]) * Int(getpagesize())
}

private func openDescriptorCount() throws -> Int {
    try SystemFileSystem().list("/proc/self/fd").count
}
