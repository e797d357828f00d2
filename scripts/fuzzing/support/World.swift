import BlobStore
import Bytes
import Catalog
import HTTP1
@testable import Server
import TestSupport
import UV

/// A server in the fuzzer's own process and on its own thread, used for some conversations.
///
/// To make one takes longer than a conversation, so it is kept as long as it has kept nothing; at
/// its end it must have let go of everything: handles, descriptors, temporary files, its loop.
final class World {
    /// After so many conversations the end is due, so that a leak shows near its input.
    private static let conversationsMax = 400
    /// Upload links name themselves; this one is in the seeds.
    private static let link = LinkID(high: 0x1111_1111_1111_4111, low: 0x8111_1111_1111_1111)
    /// The one that there is; libFuzzer calls its target on one thread only.
    nonisolated(unsafe) private static var present: World?

    private let files: MemoryFileSystem
    private let loop: Loop
    private let server: ServerUnderTest
    private var conversations = 0

    private init() throws {
        files = try ServerUnderTest.makeFiles()
        loop = try Loop()
        server = try ServerUnderTest(ServerUnderTest.Plan(), files, on: loop)
        let link = UploadLink(id: Self.link, expiresAt: wallClock().seconds + 86_400)
        var result: Result<Void, CatalogError>?
        server.catalog.addLink(link, on: loop) { result = $0 }
        server.turn(until: "a link is kept") { result != nil }
        try result?.get()
    }

    /// Gives the one that there is, or makes one.
    static func current() throws -> World {
        // SAFETY: see `present`.
        if let world = unsafe present, world.conversations < conversationsMax { return world }
        try end()
        ignoreBrokenPipeSignal()
        let world = try World()
        unsafe present = world
        return world
    }

    /// Ends the one that there is, and requires that nothing of it is left.
    static func end() throws {
        // SAFETY: see `present`.
        guard let files = unsafe present?.files else { return }
        weak var loop: Loop?
        do {
            let world = unsafe present.take()
            loop = world?.loop
            world?.server.end()
            world?.loop.run()
        }
        precondition(loop == nil, "the loop was not released: a handle is open or a closure kept")
        try ServerUnderTest.requireNothingLeft(in: files)
    }

    /// Sends what a client sends, and takes what is answered until the connection ends.
    func answers(to conversation: Conversation, cutAt cut: [Range<Int>]) throws -> [Answer] {
        conversations += 1
        let client = try server.connect()
        try client.send(conversation.input, cutAt: cut)
        server.turn(until: "it is answered") {
            client.ending != nil || client.unsentBytes == 0 && server.waitsForClient
        }
        if client.ending == nil { try client.finishSending() }
        // Nothing of ours is to come: whatever the connection waits for, it has to end.
        server.turn(until: "the connection ends") { client.ending != nil }
        client.close()
        server.turn(until: "the server lets go") {
            server.worker.connections.isEmpty && server.worker.shared.uploadsUnderWay == 0
        }
        let answers = Answer.all(in: client.received, toMethods: conversation.heads.map(\.method))
        conversation.check(answers)
        return answers
    }
}

extension ServerUnderTest {
    /// How long a server may take over one step; a hundred times what the slowest takes.
    private static let limitSeconds = 10
    /// Turns of the loop for which something has to be so: what is under way to it, comes.
    private static let settledTurns = 3

    /// Turns the loop until something is so and stays so, without ever waiting: a fuzzer has no
    /// time for the ticks of `run(until:)`.
    func turn(until what: String, _ isSo: () -> Bool) {
        let start = ContinuousClock.now
        var settled = 0
        while settled < Self.settledTurns {
            precondition(start.duration(to: .now) < .seconds(Self.limitSeconds), "never: \(what)")
            loop.enqueue { [loop] in loop.stop() }
            loop.run()
            settled = isSo() ? settled + 1 : 0
        }
    }

    /// Whether it does nothing before its client does something.
    var waitsForClient: Bool {
        guard let connection else { return worker.connections.isEmpty }
        return connection.state.wantsInput && connection.unparsed == nil
    }
}
