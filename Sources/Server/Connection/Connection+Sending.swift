internal import BlobStore
internal import Bytes
internal import HTTP1
internal import UV

/// The way of a response out.
extension Connection {
    /// Answers a request.
    ///
    /// See `Exchange.respond`.
    ///
    /// - Parameters:
    ///   - response: the answer.
    ///   - exchange: the request; nothing happens when it was answered already.
    func respond(_ response: Response, to exchange: Exchange) {
        guard isServing(exchange), phase != .sending, phase != .lingering else {
            if case .blob(let body) = response.body { body.blob.close() }
            return
        }
        phase = .sending
        body.take()?.abort()
        endsAfterResponse =
            endsAfterResponse || !requestIsComplete || exchange.head.persistence == .close
            || worker.isStopping
        let headBytes = worker.appendHead(
            of: response,
            to: exchange,
            keepsConnection: !endsAfterResponse
        )
        let sendsContent = exchange.head.method != .head && !response.status.neverHasContent
        worker.responded(
            response,
            to: exchange,
            on: self,
            sentBytes: headBytes + (sendsContent ? Int(response.contentLength) : 0)
        )
        switch response.body {
        case .bytes(let bytes) where sendsContent:
            worker.output.append(bytes.span)
        case .chunk(let chunk) where sendsContent && !chunk.range.isEmpty:
            worker.output.append(chunk)
        case .blob(let body) where sendsContent:
            let sender = BlobSender(body, connection: self)
            blobSender = sender
            sender.sendNext()
            return
        case .blob(let body):
            body.blob.close()
        case .none, .length, .bytes, .chunk:
            break
        }
        responseGathered()
    }

    /// All bytes of the response are in the output batch, or were written.
    func responseGathered() {
        exchange = nil
        blobSender = nil
        isReadingPaused = false
        hasServed = true
        if endsAfterResponse {
            flush()
            if !isWriting { endConnection() }
            return
        }
        phase = .awaitingRequest
        guard !isAdvancing else { return }
        flush()
        resume()
    }

    /// Writes what was gathered for this connection.
    func flush() {
        guard !worker.output.isEmpty, phase != .closed else {
            worker.output.removeAll()
            return
        }
        do throws(UVError) {
            let rest = try worker.output.flush(to: tcp)
            guard !rest.isEmpty else { return }
            isWriting = true
            tcp.write(rest) { [self] error in writeEnded(error) }
            lastWriteQueueSize = tcp.writeQueueSize
            updateDeadline()
        } catch {
            close()
        }
    }

    private func writeEnded(_ error: UVError?) {
        isWriting = false
        guard phase != .closed else { return }
        guard error == nil else {
            close()
            return
        }
        if let blobSender {
            blobSender.sendNext()
        } else if phase == .sending, endsAfterResponse {
            endConnection()
        } else {
            resume()
        }
    }

    /// The last response is in the kernel's hands: ends the connection so that it gets through.
    private func endConnection() {
        let isEverythingRead = requestIsComplete && unparsed == nil
        guard !isEverythingRead, !peerEnded else {
            close()
            return
        }
        phase = .lingering
        deadline = worker.deadline(.linger)
        unparsed = nil
        tcp.shutdown { [self] error in
            if error != nil { close() }
        }
        do throws(UVError) { try tcp.resumeReading() } catch { close() }
    }

    // MARK: Time

    /// Sets the deadline that goes with the state.
    func updateDeadline() {
        switch phase {
        case _ where isWriting:
            deadline = worker.deadline(.write)
        case .awaitingRequest where parser.isBetweenRequests:
            deadline = worker.deadline(hasServed ? .idle : .head)
        case .awaitingRequest:
            // From the first byte of a head on its time runs, whatever comes in between.
            if deadline.kind != .head { deadline = worker.deadline(.head) }
        case .receiving where !isReadingPaused:
            deadline = worker.deadline(.body)
        case .deciding, .receiving, .answering, .sending, .closed:
            deadline = .never
        case .lingering:
            break
        }
    }

    /// Acts when the client took too long.
    func deadlineReached() {
        switch deadline.kind {
        case .never:
            break
        case .idle, .linger:
            close()
        case .head:
            if parser.isBetweenRequests {
                close()
            } else {
                breakOff(.headTimeout)
            }
        case .body:
            breakOff(.bodyTimeout)
        case .write:
            let size = tcp.writeQueueSize
            if size < lastWriteQueueSize {
                lastWriteQueueSize = size
                updateDeadline()
            } else {
                tcp.reset()
                close()
            }
        }
    }
}

/// When a client has taken too long, and at what.
struct Deadline {
    /// What the client is waited for.
    enum Kind { case never, head, body, write, idle, linger }

    var kind: Kind
    /// Milliseconds of the loop's clock.
    var atMilliseconds: UInt64

    /// No deadline.
    static let never = Deadline(kind: .never, atMilliseconds: .max)
}
