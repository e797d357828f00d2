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
        guard isServing(exchange), blobSender == nil else {
            if case .blob(let body) = response.body { body.blob.close() }
            return
        }
        var piece: Buffer?
        if case .blob(let body) = response.body {
            // Before anything is sent: a head would promise what there is no memory for.
            guard let first = worker.pieceMemory.take() else {
                body.blob.close()
                exchange.respond(.outOfMemory)
                return
            }
            piece = first
        }
        body.take()?.abort()
        let context = state.responseStarted()
        let head = worker.head(of: response, to: exchange, context)
        output.append(head.span)
        let sendsContent = !context.isHead && !response.status.neverHasContent
        worker.responded(
            response,
            to: exchange,
            on: self,
            sentBytes: head.count + (sendsContent ? Int(response.contentLength) : 0)
        )
        switch response.body {
        case .bytes(let bytes) where sendsContent:
            output.append(bytes.span)
        case .chunks(let chunks) where sendsContent:
            for chunk in chunks { output.append(chunk) }
        case .blob(let body):
            guard sendsContent, let piece else {
                if let piece { worker.pieceMemory.giveBack(piece) }
                body.blob.close()
                break
            }
            let sender = BlobSender(body, connection: self, piece: piece)
            blobSender = sender
            sender.sendNext()
            // The head does not wait for the disk, and the batch is somebody else's next.
            if !isAdvancing { flush() }
            return
        case .none, .length, .bytes, .chunks:
            break
        }
        responseGathered()
    }

    /// All bytes of the response are in the output batch, or were written.
    func responseGathered() {
        exchange = nil
        blobSender = nil
        parser.headAnswered()
        guard state.keepsAlive else {
            // Nothing comes after it that could share its write.
            flush()
            if !state.hasUnwritten { responseWritten() }
            return
        }
        // From here on a pipelined request may be parsed; its response joins the same write.
        responseWritten()
        guard !isAdvancing else { return }
        flush()
        resume()
    }

    private func responseWritten() {
        guard !isClosed else { return }
        switch state.responseWritten(now: now) {
        case .parseNext:
            break
        case .shutDownThenLinger:
            unparsed = nil
            tcp.shutdown { [self] error in
                if error != nil { close() }
            }
            do throws(UVError) { try tcp.resumeReading() } catch { close() }
        }
    }

    /// Writes what was gathered for this connection.
    ///
    /// While an earlier write is under way the new one waits behind it in libuv's queue.
    func flush() {
        let output = output
        guard !isClosed, !output.isEmpty else { return }
        let rest: [OutputChunk]
        do throws(UVError) {
            rest = try output.flush(to: tcp)
        } catch {
            close()
            return
        }
        guard !rest.isEmpty else { return }
        writesUnderWay += 1
        tcp.write(rest) { [self] error in writeEnded(error) }
        state.writeBlocked(leftBytes: tcp.writeQueueSize, now: now)
    }

    private func writeEnded(_ error: UVError?) {
        writesUnderWay -= 1
        guard !isClosed else { return }
        guard error == nil else {
            close()
            return
        }
        guard writesUnderWay == 0 else { return }
        switch state.writeDrained(now: now) {
        case .close:
            close()
        case .goOn:
            if let blobSender {
                blobSender.sendNext()
            } else if state.isResponding {
                responseWritten()
            } else {
                resume()
            }
        }
    }

    /// Acts if the client took too long.
    ///
    /// Called now and then.
    func checkDeadlines() {
        if state.hasUnwritten { state.writeObserved(leftBytes: tcp.writeQueueSize, now: now) }
        switch state.deadlineReached(now: now) {
        case .wait: break
        case .close: close(state.hasUnwritten ? .reset : .orderly)
        case .respondRequestTimeout:
            answerRefusal(exchange == nil ? .headTimeout : .bodyTimeout)
        }
    }
}
