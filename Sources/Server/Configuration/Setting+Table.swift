/// All the settings; a comment gives the reason of a default or bound that is not obvious.
extension Setting {
    // MARK: Who may upload

    package static let apiKey = Setting(
        "API_KEY",
        .nothing,
        .secret("visible ASCII, several keys separated by commas"),
        help: "The keys that clients may use; others can see an option, so prefer the file."
    )
    package static let apiKeyFile = Setting(
        "API_KEY_FILE",
        .nothing,
        .text("a path"),
        help: "A file that holds the keys, instead of API_KEY."
    )
    // Empty: a browser's page of another site cannot use a key until someone allows that.
    package static let corsOrigins = Setting(
        "CORS_ORIGINS",
        .value(""),
        .text("origins such as https://example.com, separated by commas"),
        help: "The web origins whose scripts may use the keyed endpoints."
    )

    // MARK: Where

    // This machine only, until someone decides otherwise: the service speaks plain HTTP.
    package static let host = Setting(
        "HOST",
        .value("127.0.0.1"),
        .text("a numeric IPv4 or IPv6 address, or localhost"),
        help: "The address to listen on."
    )
    package static let port = Setting(
        "PORT",
        .value("8001"),
        .integer(0...65_535, .none),
        help: "The port to listen on; with 0 the system chooses one."
    )
    package static let dataDirectory = Setting(
        "DATA_DIR",
        .value("./data"),
        .text("a path"),
        help: "The directory that holds the images and the catalog; made when it is missing."
    )
    // Where the Filesystem Hierarchy Standard has a program's unchanging files (section 4.11).
    package static let docsDirectory = Setting(
        "DOCS_DIR",
        .value("/usr/share/image-service/docs"),
        .text("a path"),
        help: "The directory that scripts/install-docs filled for /docs; it may be missing."
    )
    // A loop is a thread and a listener: more of them than any machine has cores only cost.
    package static let workers = Setting(
        "WORKERS",
        .availableCores,
        .integer(1...256, .none),
        help: "How many event loops serve, each on a thread of its own."
    )

    // MARK: What an upload may be

    // Whoever holds a link may upload: a week is long for a person's task, and ten years are enough
    // for a machine's while `expires_at` keeps a year of four digits.
    package static let maxLinkExpiry = Setting(
        "MAX_LINK_EXPIRY",
        .value("604800"),
        .integer(1...315_360_000, .seconds),
        help: "The longest time for which an upload link can be asked."
    )
    // Offsets in TIFF, BMP and WEBP have 32 bits, so hardly any image is larger than 4 GiB. 16 TiB
    // is ext4's largest file.
    package static let maxFileBytes = Setting(
        "MAX_FILE_BYTES",
        .value("4294967296"),
        .integer(1...17_592_186_044_416, .bytes),
        help: "The largest file of an upload."
    )
    // Four of the largest files, or a thousand of 16 MiB; all of it is on disk before it is
    // visible.
    package static let maxRequestBytes = Setting(
        "MAX_REQUEST_BYTES",
        .value("17179869184"),
        .integer(1...17_592_186_044_416, .bytes),
        help: "The largest body of an upload, all its files together."
    )
    // A browser's form with a whole folder; each file costs a record and a temporary file.
    package static let maxFilesPerRequest = Setting(
        "MAX_FILES_PER_REQUEST",
        .value("1000"),
        // The journal's record of a request holds 10,000 images.
        .integer(1...10_000, .none),
        help: "The most files of an upload."
    )
    // Real part headers have 200 bytes; 16 KiB is what Node's parser allows for a whole head. Fewer
    // than 256 would refuse ordinary names.
    package static let maxPartHeaderBytes = Setting(
        "MAX_PART_HEADER_BYTES",
        .value("16384"),
        .integer(256...1_048_576, .bytes),
        help: "The largest header of one part of a form."
    )

    // MARK: How much at once

    // An idle connection costs a few kilobytes, 20,000 of them some 100 MiB at most.
    package static let maxConnections = Setting(
        "MAX_CONNECTIONS",
        .value("20000"),
        .integer(1...1_000_000, .none),
        help: "The most connections open at once; more are answered with 503."
    )
    // Each holds two pieces in memory, so this bounds memory as much as disk traffic.
    package static let maxUploads = Setting(
        "MAX_UPLOADS",
        .value("256"),
        .integer(1...100_000, .none),
        help: "The most uploads under way at once; more are answered with 503."
    )
    // Thousands of thumbnails or a few hundred phone pictures stay hot.
    package static let cacheBytes = Setting(
        "CACHE_BYTES",
        .value("268435456"),
        .integer(0...1_099_511_627_776, .bytes),
        help: "Memory for images that are asked for often, all event loops together; 0 for none."
    )

    // MARK: How long

    // A head is one packet or two: whoever needs 10 seconds for it is stuck or hostile. An hour
    // bounds these four, so that no client holds a connection for ever.
    package static let headerTimeout = Setting(
        "HEADER_TIMEOUT",
        .value("10"),
        .integer(1...3_600, .seconds),
        help: "How long the head of a request may take."
    )
    // Mobile networks pause for several seconds; each arriving piece starts the time anew.
    package static let bodyTimeout = Setting(
        "BODY_TIMEOUT",
        .value("30"),
        .integer(1...3_600, .seconds),
        help: "How long the next piece of a body may take."
    )
    // What Apache's mod_reqtimeout asks for, and less than the slowest modems had. Asking for more
    // than a mebibyte a second would refuse people on the road.
    package static let minBodyRate = Setting(
        "MIN_BODY_RATE",
        .value("500"),
        .integer(0...1_048_576, .bytesPerSecond),
        help: "How fast a body has to come on the average of each BODY_TIMEOUT; 0 for any."
    )
    package static let writeTimeout = Setting(
        "WRITE_TIMEOUT",
        .value("30"),
        .integer(1...3_600, .seconds),
        help: "How long a client may take no bytes of its response."
    )
    // Longer than the 60 seconds of common load balancers and of nginx's own upstream connections:
    // the side that sends requests should be the one that closes.
    package static let idleTimeout = Setting(
        "IDLE_TIMEOUT",
        .value("75"),
        .integer(1...3_600, .seconds),
        help: "How long a connection may stay open between two requests."
    )
    // Kubernetes kills after 30 seconds; five of them are left for the final snapshot.
    package static let shutdownTimeout = Setting(
        "SHUTDOWN_TIMEOUT",
        .value("25"),
        .integer(0...3_600, .seconds),
        help: "How long uploads and downloads under way may go on after SIGTERM."
    )
    // Decides only how much journal a start replays: durability does not hang on it.
    package static let snapshotInterval = Setting(
        "SNAPSHOT_INTERVAL",
        .value("300"),
        .integer(1...86_400, .seconds),
        help: "How often the catalog is written out whole, so that the next start is fast."
    )

    // Disks lose bytes in years, not in days: once in 30 days is what Debian's mdadm and ZFS do as
    // well. At most a year, beyond which nobody would call it checked.
    package static let scrubInterval = Setting(
        "SCRUB_INTERVAL",
        .value("2592000"),
        .integer(0...31_536_000, .seconds),
        help: "How often every stored image is read again and compared with its id; 0 for never."
    )

    // MARK: What is told

    package static let logLevel = Setting(
        "LOG_LEVEL",
        .value("info"),
        .word(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        help: "The least important messages that are logged."
    )
    package static let logFormat = Setting(
        "LOG_FORMAT",
        .value("text"),
        .word(LogFormat.allCases.map(\.rawValue)),
        help: "How log lines look: for people, or one JSON object a line."
    )

    // Every setting, in the order of `--help` and of the README.
    package static let all: [Setting] = [
        apiKey, apiKeyFile, host, port, dataDirectory, docsDirectory, workers,
        maxLinkExpiry, maxFileBytes, maxRequestBytes, maxFilesPerRequest, maxPartHeaderBytes,
        maxConnections, maxUploads, cacheBytes,
        headerTimeout, bodyTimeout, minBodyRate, writeTimeout, idleTimeout, shutdownTimeout,
        snapshotInterval, scrubInterval, corsOrigins, logLevel, logFormat,
    ]
}
