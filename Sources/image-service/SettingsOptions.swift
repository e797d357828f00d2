internal import ArgumentParser
internal import Server

/// Every setting as an option of the command line.
///
/// Name and help come from `Setting`'s table, so the two cannot say different things; a test holds
/// that neither has one that the other lacks. Values stay text here: `Configuration` reads them,
/// together with the environment's, in one place.
struct SettingsOptions: ParsableArguments {
    @Option(name: .setting(.apiKey), help: .setting(.apiKey)) var apiKey: String?
    @Option(name: .setting(.apiKeyFile), help: .setting(.apiKeyFile)) var apiKeyFile: String?
    @Option(name: .setting(.host), help: .setting(.host)) var host: String?
    @Option(name: .setting(.port), help: .setting(.port)) var port: String?
    @Option(name: .setting(.dataDirectory), help: .setting(.dataDirectory)) var dataDirectory:
        String?
    @Option(name: .setting(.docsDirectory), help: .setting(.docsDirectory)) var docsDirectory:
        String?
    @Option(name: .setting(.workers), help: .setting(.workers)) var workers: String?
    @Option(name: .setting(.maxLinkExpiry), help: .setting(.maxLinkExpiry)) var maxLinkExpiry:
        String?
    @Option(name: .setting(.maxFileBytes), help: .setting(.maxFileBytes)) var maxFileBytes: String?
    @Option(name: .setting(.maxRequestBytes), help: .setting(.maxRequestBytes)) var maxRequestBytes:
        String?
    @Option(name: .setting(.maxFilesPerRequest), help: .setting(.maxFilesPerRequest))
    var maxFilesPerRequest: String?
    @Option(name: .setting(.maxPartHeaderBytes), help: .setting(.maxPartHeaderBytes))
    var maxPartHeaderBytes: String?
    @Option(name: .setting(.maxConnections), help: .setting(.maxConnections)) var maxConnections:
        String?
    @Option(name: .setting(.maxUploads), help: .setting(.maxUploads)) var maxUploads: String?
    @Option(name: .setting(.cacheBytes), help: .setting(.cacheBytes)) var cacheBytes: String?
    @Option(name: .setting(.headerTimeout), help: .setting(.headerTimeout)) var headerTimeout:
        String?
    @Option(name: .setting(.bodyTimeout), help: .setting(.bodyTimeout)) var bodyTimeout: String?
    @Option(name: .setting(.minBodyRate), help: .setting(.minBodyRate)) var minBodyRate: String?
    @Option(name: .setting(.writeTimeout), help: .setting(.writeTimeout)) var writeTimeout: String?
    @Option(name: .setting(.idleTimeout), help: .setting(.idleTimeout)) var idleTimeout: String?
    @Option(name: .setting(.shutdownTimeout), help: .setting(.shutdownTimeout)) var shutdownTimeout:
        String?
    @Option(name: .setting(.snapshotInterval), help: .setting(.snapshotInterval))
    var snapshotInterval: String?
    @Option(name: .setting(.scrubInterval), help: .setting(.scrubInterval)) var scrubInterval:
        String?
    @Option(name: .setting(.corsOrigins), help: .setting(.corsOrigins)) var corsOrigins: String?
    @Option(name: .setting(.logLevel), help: .setting(.logLevel)) var logLevel: String?
    @Option(name: .setting(.logFormat), help: .setting(.logFormat)) var logFormat: String?

    /// What was given, by the setting's name in the environment.
    var given: [String: String] {
        let pairs: [(Setting, String?)] = [
            (.apiKey, apiKey),
            (.apiKeyFile, apiKeyFile),
            (.host, host),
            (.port, port),
            (.dataDirectory, dataDirectory),
            (.docsDirectory, docsDirectory),
            (.workers, workers),
            (.maxLinkExpiry, maxLinkExpiry),
            (.maxFileBytes, maxFileBytes),
            (.maxRequestBytes, maxRequestBytes),
            (.maxFilesPerRequest, maxFilesPerRequest),
            (.maxPartHeaderBytes, maxPartHeaderBytes),
            (.maxConnections, maxConnections),
            (.maxUploads, maxUploads),
            (.cacheBytes, cacheBytes),
            (.headerTimeout, headerTimeout),
            (.bodyTimeout, bodyTimeout),
            (.minBodyRate, minBodyRate),
            (.writeTimeout, writeTimeout),
            (.idleTimeout, idleTimeout),
            (.shutdownTimeout, shutdownTimeout),
            (.snapshotInterval, snapshotInterval),
            (.scrubInterval, scrubInterval),
            (.corsOrigins, corsOrigins),
            (.logLevel, logLevel),
            (.logFormat, logFormat),
        ]
        return pairs.reduce(into: [:]) { given, pair in given[pair.0.name] = pair.1 }
    }
}

extension NameSpecification {
    /// The option's name from the table.
    static func setting(_ setting: Setting) -> NameSpecification {
        .customLong(setting.optionName)
    }
}

extension ArgumentHelp {
    /// The option's help from the table.
    static func setting(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp("\(setting.helpText)", valueName: setting.valueName)
    }
}
