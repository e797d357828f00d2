package import Logging
internal import UV

/// Takes the messages of swift-log to the sink.
///
/// Each logger is made with one (`Logger(label:factory:)`) instead of through swift-log's global
/// bootstrap, so that two servers in one process, as in tests, log apart.
package struct ServiceLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let sink: LogSink

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: what the logger is called in its lines.
    ///   - level: the least important messages that are logged.
    ///   - format: how the lines look.
    ///   - sink: where the lines go.
    package init(label: String, level: Logger.Level, format: LogFormat, sink: LogSink) {
        self.label = label
        logLevel = level
        self.format = format
        self.sink = sink
    }

    package func log(event: LogEvent) {
        // Most specific last: what a call says goes before what its logger carries.
        let merged =
            metadata
            .merging(metadataProvider?.get() ?? [:]) { $1 }
            .merging(event.metadata ?? [:]) { $1 }
        var pairs = merged.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
        if let error = event.error { pairs.append((name: "error", value: "\(error)")) }
        let record = ServiceRecord(
            time: .now,
            level: event.level,
            label: label,
            message: event.message.description,
            metadata: pairs
        )
        sink.submit(record.encode(format), to: .error)
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}

extension Logger {
    /// Makes a logger of the service.
    ///
    /// - Parameters:
    ///   - label: what it is called in its lines.
    ///   - configuration: the level and the format.
    ///   - sink: where the lines go.
    /// - Returns: the logger.
    package static func service(
        label: String,
        configuration: Configuration,
        sink: LogSink
    ) -> Logger {
        Logger(label: label) { label in
            ServiceLogHandler(
                label: label,
                level: configuration.logLevel,
                format: configuration.logFormat,
                sink: sink
            )
        }
    }
}
