internal import Bytes
internal import UV

/// Writes a line for each request that was answered.
///
/// ```
/// 2024-05-06T12:00:00.123Z 192.0.2.7 "GET /api/images/1348…" 200 5123 0.412 6f1c…
/// {"time":"2024-05-06T12:00:00.123Z","client":"192.0.2.7","method":"GET",
///  "path":"/api/images/1348…","status":200,"bytes":5123,"duration_ms":0.412,"request_id":"6f1c…"}
/// ```
/// In text, the columns are time, client, method and path, status, bytes sent, milliseconds,
/// request id. What is not known, as of a head that was refused, is a dash, and in JSON `null`.
/// Lines go to stdout, so that they can be kept apart from the service's own messages on stderr.
package struct AccessLog: Sendable {
    /// The longest path in a line in bytes; longer ones are cut.
    ///
    /// No path of ours has 150.
    package static let pathBytesMax = 512

    private let format: LogFormat
    private let sink: LogSink

    /// One request and its answer.
    package struct Record: Sendable {
        /// When the answer was finished.
        package var time: Timestamp
        /// The client's address in text form, made once a connection.
        package var client: [UInt8]
        /// The method as the client sent it; empty when it is not known.
        package var method: [UInt8]
        /// The target as the client sent it, empty when it is not known; what follows `?` is not
        /// logged.
        package var path: [UInt8]
        /// The status of the response.
        package var status: UInt16
        /// Bytes of the response's content that were sent.
        package var bytesSent: Int
        /// Time from the first byte of the request to the last of the response.
        package var durationMicroseconds: Int
        /// The request's id, as in `X-Request-Id`.
        package var requestID: [UInt8]

        /// Describes a request and its answer.
        ///
        /// - Parameters:
        ///   - time: when the answer was finished.
        ///   - client: the client's address in text form.
        ///   - method: the method as the client sent it.
        ///   - path: the target as the client sent it.
        ///   - status: the status of the response.
        ///   - bytesSent: bytes of content that were sent.
        ///   - durationMicroseconds: how long the request took.
        ///   - requestID: the request's id.
        package init(
            time: Timestamp,
            client: [UInt8],
            method: [UInt8],
            path: [UInt8],
            status: UInt16,
            bytesSent: Int,
            durationMicroseconds: Int,
            requestID: [UInt8]
        ) {
            self.time = time
            self.client = client
            self.method = method
            self.path = path
            self.status = status
            self.bytesSent = bytesSent
            self.durationMicroseconds = durationMicroseconds
            self.requestID = requestID
        }
    }

    /// Makes the log.
    ///
    /// - Parameters:
    ///   - format: how its lines look.
    ///   - sink: where they go.
    package init(format: LogFormat, sink: LogSink) {
        self.format = format
        self.sink = sink
    }

    /// Encodes the line of a request.
    ///
    /// - Parameters:
    ///   - record: the request and its answer.
    ///   - lines: gets the line with its line feed.
    package func encode(_ record: Record, into lines: inout [UInt8]) {
        lines += record.encode(format)
    }

    /// Hands lines over to be written.
    ///
    /// - Parameter lines: whole lines.
    package func write(_ lines: [UInt8]) {
        sink.submit(lines, to: .output)
    }
}

extension AccessLog.Record {
    /// Encodes the line.
    ///
    /// - Parameter format: how it looks.
    /// - Returns: the line with its line feed.
    package func encode(_ format: LogFormat) -> [UInt8] {
        let path = LoggedPath.bytes(of: path.span)
        return switch format {
        case .text: encodeText(path: path)
        case .json: encodeJSON(path: path)
        }
    }

    private func encodeText(path: [UInt8]) -> [UInt8] {
        let space = UInt8(ascii: " ")
        var line: [UInt8] = []
        // The fixed columns have some 100 bytes.
        line.reserveCapacity(128 + path.count + requestID.count)
        time.append(to: &line, showsMilliseconds: true)
        line.append(space)
        line.append(logColumn: client)
        line.append(text: " \"")
        line.append(logColumn: method)
        line.append(space)
        line.append(logColumn: path)
        line.append(text: "\" ")
        line.append(decimal: Int(status))
        line.append(space)
        line.append(decimal: bytesSent)
        line.append(space)
        line.append(decimal: durationMicroseconds, fractionDigits: 3)
        line.append(space)
        line.append(logColumn: requestID)
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private func encodeJSON(path: [UInt8]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("time") { $0.timestamp(time) }
            json.member("client") { $0.string(utf8: client.span) }
            json.member("method") { $0.known(method) }
            json.member("path") { $0.known(path) }
            json.member("status", Int(status))
            json.member("bytes", bytesSent)
            json.member("duration_ms") { $0.number(thousandths: durationMicroseconds) }
            json.member("request_id") { $0.string(utf8: requestID.span) }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}

extension JSONWriter {
    /// Writes a string, or `null` in place of an empty one.
    fileprivate mutating func known(_ value: [UInt8]) {
        if value.isEmpty { null() } else { string(utf8: value.span) }
    }
}

extension Array where Element == UInt8 {
    /// Appends a column of a text line, a dash when it is empty, so that columns can be counted.
    fileprivate mutating func append(logColumn value: [UInt8]) {
        if value.isEmpty { append(UInt8(ascii: "-")) } else { append(logEscaping: value.span) }
    }
}
