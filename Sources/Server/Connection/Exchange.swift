internal import HTTP1
internal import UV

/// One request and the response to it, as an endpoint sees them.
///
/// An endpoint gets it when the head has arrived. It either answers, or first takes the body with
/// `accept`. It may do both at once or later, from any callback of the loop; once the connection is
/// gone, what it does has no effect.
final class Exchange {
    /// The head of the request.
    let head: RequestHead
    /// What the target names.
    let route: Route
    /// The name of this request in logs and in the response.
    let requestID: [UInt8]
    /// When its head had arrived, in nanoseconds of the monotonic clock.
    let startedNanoseconds: UInt64
    /// Fields that go into the response whatever it is, such as those of CORS.
    var standingFields: [(FieldName, String)] = []
    /// The loop's world.
    let worker: Worker
    private weak var connection: Connection?

    init(
        head: RequestHead,
        route: Route,
        requestID: [UInt8],
        startedNanoseconds: UInt64,
        connection: Connection
    ) {
        self.head = head
        self.route = route
        self.requestID = requestID
        self.startedNanoseconds = startedNanoseconds
        self.connection = connection
        worker = connection.worker
    }

    /// Whether the client is still there and waits for an answer.
    var isOpen: Bool { connection?.isServing(self) ?? false }

    /// Where the client is, as far as clients there are one and the same to us; 0 when it is gone.
    var network: UInt64 { connection?.tcp.peerAddress?.network ?? 0 }

    /// Reads the body: `100 Continue` is sent if the client waits for it.
    ///
    /// - Parameter body: is given the body; without this call it is not read.
    func accept(_ body: any RequestBody) {
        connection?.accept(body, for: self)
    }

    /// Answers.
    ///
    /// A body that was not read, or not to its end, is not read any further: the connection ends
    /// after the response.
    ///
    /// - Parameter response: the answer; later ones are dropped.
    func respond(_ response: Response) {
        connection?.respond(response, to: self)
    }

    /// Answers with a problem document.
    ///
    /// - Parameter problem: what is wrong.
    func respond(_ problem: Problem) {
        if problem.code.status == 503 { worker.metrics.turnedAway(problem.code) }
        respond(Response(problem))
    }

    /// Stops reading from the client, until `resumeReading`.
    func pauseReading() { connection?.pauseReading(for: self) }

    /// Reads on.
    func resumeReading() { connection?.resumeReading(for: self) }
}
