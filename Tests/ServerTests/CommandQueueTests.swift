@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite(.timeLimit(.minutes(10))) struct CommandQueueTests {
    private func name(_ command: WorkerThread.Command) -> String {
        switch command {
        case .serve: "serve"
        case .stop: "stop"
        case .closeAll: "closeAll"
        }
    }

    @Test func `what is sent before the loop can receive it arrives first, in its order`() throws {
        try withLoop { loop in
            let queue = CommandQueue()
            queue.send(.stop)
            queue.send(.closeAll)
            queue.send(.stop)
            var received: [String] = []
            // An `Async` does not keep a loop running, so something else has to.
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 60_000) { loop.stop() }
            let receiver = Async<WorkerThread.Command>(on: loop) { command in
                received.append(name(command))
                if received.count == 4 { loop.stop() }
            }
            queue.open(receiver)
            queue.send(.closeAll)
            loop.run()
            #expect(received == ["stop", "closeAll", "stop", "closeAll"])
            receiver.close()
            timer.close()
        }
    }

    @Test func `commands of many threads all arrive, whenever the queue is opened`() throws {
        try withLoop { loop in
            let queue = CommandQueue()
            let threads = try (0..<4).map { number in
                try Thread(name: "sender-\(number)") {
                    for _ in 0..<250 { queue.send(.stop) }
                }
            }
            var count = 0
            let timer = try Timer(on: loop)
            timer.start(afterMilliseconds: 60_000) { loop.stop() }
            let receiver = Async<WorkerThread.Command>(on: loop) { _ in
                count += 1
                if count == 1_000 { loop.stop() }
            }
            queue.open(receiver)
            loop.run()
            #expect(count == 1_000)
            for thread in threads { thread.join() }
            receiver.close()
            timer.close()
        }
    }
}
