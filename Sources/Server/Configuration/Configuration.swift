package import Bytes
package import Logging
package import UV

/// Everything that can be set, checked: what runs never meets an unusable value.
///
/// The only place that reads the environment. `Setting` says what each value means to a user.
package struct Configuration: Sendable {
    /// The keys that clients may use.
    package var keys: APIKeys
    /// The web origins whose scripts may use the keyed endpoints.
    package var corsOrigins: CORSOrigins

    /// The address to listen on, in numeric form or `localhost`.
    package var host: String
    /// The port to listen on; 0 lets the system choose.
    package var port: UInt16
    /// Where images and catalog are, absolute or relative to the working directory.
    package var dataDirectory: String
    /// Where the files of the docs page are.
    package var docsDirectory: String
    /// How many event loops serve.
    package var workerCount: Int

    /// The longest life of an upload link.
    package var linkExpirySecondsMax: Int
    /// The largest file of an upload.
    package var fileSizeMax: ByteCount
    /// The largest body of an upload.
    package var requestSizeMax: ByteCount
    /// The most files of an upload.
    package var filesPerRequestMax: Int
    /// The largest header of one part of a form.
    package var partHeaderSizeMax: ByteCount

    /// The most connections open at once, all loops together.
    package var connectionCountMax: Int
    /// The most uploads under way at once, all loops together.
    package var uploadCountMax: Int
    /// Memory for hot images, all loops together.
    package var cacheSize: ByteCount

    /// How long the head of a request may take.
    package var headerTimeoutSeconds: Int
    /// How long the next piece of a body may take.
    package var bodyTimeoutSeconds: Int
    /// How many bytes a second a body has to bring at least; 0 for any.
    package var bodyBytesPerSecondMin: Int
    /// How long a client may take no bytes of its response.
    package var writeTimeoutSeconds: Int
    /// How long a connection may stay open between two requests.
    package var idleTimeoutSeconds: Int
    /// How long requests under way may go on at the end.
    package var shutdownTimeoutSeconds: Int
    /// How often the catalog is written out whole.
    package var snapshotIntervalSeconds: Int
    /// How long reading every image again takes; 0 for never.
    package var scrubIntervalSeconds: Int

    /// The least important messages that are logged.
    package var logLevel: Logger.Level
    /// How log lines look.
    package var logFormat: LogFormat

    /// The longest path that a setting may hold: Linux takes 4,096 bytes with the terminator, and
    /// the store's own names below the data directory need fewer than 128.
    package static let pathBytesMax = 4_096 - 128

    /// Reads all the settings.
    ///
    /// - Parameters:
    ///   - environment: the variables, value by name; what is no setting of ours is ignored.
    ///   - options: values that go before the environment's, by the setting's name in the
    ///     environment.
    ///   - files: where `API_KEY_FILE` is read from.
    /// - Returns: the configuration.
    /// - Throws: `ConfigurationError`, for the first setting that cannot be used.
    package static func read(
        environment: [String: String],
        options: [String: String] = [:],
        files: any FileSystem = SystemFileSystem()
    ) throws(ConfigurationError) -> Configuration {
        let values = SettingValues(environment: environment, options: options)
        return Configuration(
            keys: try APIKeys.read(values, files: files),
            corsOrigins: try CORSOrigins(values.text(.corsOrigins)),
            host: try host(values),
            port: try port(values),
            dataDirectory: try dataDirectory(values),
            docsDirectory: try values.path(.docsDirectory, limitBytes: pathBytesMax),
            workerCount: try values.integer(.workers),
            linkExpirySecondsMax: try values.integer(.maxLinkExpiry),
            fileSizeMax: ByteCount(try values.integer(.maxFileBytes)),
            requestSizeMax: ByteCount(try values.integer(.maxRequestBytes)),
            filesPerRequestMax: try values.integer(.maxFilesPerRequest),
            partHeaderSizeMax: ByteCount(try values.integer(.maxPartHeaderBytes)),
            connectionCountMax: try values.integer(.maxConnections),
            uploadCountMax: try values.integer(.maxUploads),
            cacheSize: ByteCount(try values.integer(.cacheBytes)),
            headerTimeoutSeconds: try values.integer(.headerTimeout),
            bodyTimeoutSeconds: try values.integer(.bodyTimeout),
            bodyBytesPerSecondMin: try values.integer(.minBodyRate),
            writeTimeoutSeconds: try values.integer(.writeTimeout),
            idleTimeoutSeconds: try values.integer(.idleTimeout),
            shutdownTimeoutSeconds: try values.integer(.shutdownTimeout),
            snapshotIntervalSeconds: try values.integer(.snapshotInterval),
            scrubIntervalSeconds: try values.integer(.scrubInterval),
            logLevel: try logLevel(values),
            logFormat: try logFormat(values)
        )
    }

    /// Reads all the settings, with those of the command line before the process's environment.
    ///
    /// - Parameter options: values by the setting's name in the environment.
    /// - Returns: the configuration.
    /// - Throws: `ConfigurationError`, for the first setting that cannot be used.
    package static func read(
        options: [String: String]
    ) throws(ConfigurationError) -> Configuration {
        try read(environment: try processEnvironment(), options: options)
    }

    /// Reads `DATA_DIR` alone, for commands that serve nobody and need no key.
    ///
    /// - Parameter option: what the command line says, if anything.
    /// - Returns: the path.
    /// - Throws: `ConfigurationError`, when it cannot be used.
    package static func dataDirectory(option: String?) throws(ConfigurationError) -> String {
        try dataDirectory(
            SettingValues(
                environment: try processEnvironment(),
                options: option.map { [Setting.dataDirectory.name: $0] } ?? [:]
            )
        )
    }

    /// Reads `PORT` alone, for the health check, which runs beside the server in its container.
    ///
    /// - Returns: the port.
    /// - Throws: `ConfigurationError`, when it cannot be used.
    package static func port() throws(ConfigurationError) -> UInt16 {
        try port(SettingValues(environment: try processEnvironment(), options: [:]))
    }
}

// One reader for each setting that is more than a number.
extension Configuration {
    private static func processEnvironment() throws(ConfigurationError) -> [String: String] {
        do throws(UVError) {
            return try Environment.variables()
        } catch {
            throw ConfigurationError(
                named: "The environment",
                "cannot be read (\(error))",
                advice: "set fewer or shorter variables"
            )
        }
    }

    private static func host(_ values: SettingValues) throws(ConfigurationError) -> String {
        let host = values.text(.host)
        do throws(UVError) {
            _ = try SocketAddress(host: host, port: 0)
        } catch {
            let shown = ConfigurationError.quoted(host)
            throw ConfigurationError(.host, "is \(shown), which is no such address")
        }
        return host
    }

    private static func port(_ values: SettingValues) throws(ConfigurationError) -> UInt16 {
        UInt16(try values.integer(.port))
    }

    private static func dataDirectory(_ values: SettingValues) throws(ConfigurationError) -> String
    {
        try values.path(.dataDirectory, limitBytes: pathBytesMax)
    }

    private static func logLevel(_ values: SettingValues) throws(ConfigurationError) -> Logger.Level
    {
        let word = try values.word(.logLevel)
        guard let level = Logger.Level(rawValue: word) else {
            preconditionFailure("every word of LOG_LEVEL is a level")
        }
        return level
    }

    private static func logFormat(_ values: SettingValues) throws(ConfigurationError) -> LogFormat {
        let word = try values.word(.logFormat)
        guard let format = LogFormat(rawValue: word) else {
            preconditionFailure("every word of LOG_FORMAT is a format")
        }
        return format
    }
}
