internal import Bytes
internal import Logging
internal import Server
internal import Testing

@Suite struct ConfigurationTests {
    /// What is needed besides the setting under test.
    private static let needed = ["API_KEY": "secret"]

    private func read(_ environment: [String: String]) throws -> Configuration {
        try Configuration.read(environment: Self.needed.merging(environment) { $1 })
    }

    /// The message for an unusable value, or nil when it was taken.
    private func error(for environment: [String: String]) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try Configuration.read(environment: Self.needed.merging(environment) { $1 })
            return nil
        } catch {
            return error
        }
    }

    // MARK: Defaults

    @Test func `a key is all that has to be set`() throws {
        let configuration = try read([:])
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8_001)
        #expect(configuration.dataDirectory == "./data")
        #expect(configuration.docsDirectory == "/usr/share/image-service/docs")
        #expect((1...256).contains(configuration.workerCount))
        #expect(configuration.linkExpirySecondsMax == 604_800)
        #expect(configuration.fileSizeMax == .gibibytes(4))
        #expect(configuration.requestSizeMax == .gibibytes(16))
        #expect(configuration.filesPerRequestMax == 1_000)
        #expect(configuration.partHeaderSizeMax == .kibibytes(16))
        #expect(configuration.connectionCountMax == 20_000)
        #expect(configuration.uploadCountMax == 256)
        #expect(configuration.cacheSize == .mebibytes(256))
        #expect(configuration.headerTimeoutSeconds == 10)
        #expect(configuration.bodyTimeoutSeconds == 30)
        #expect(configuration.bodyBytesPerSecondMin == 500)
        #expect(configuration.writeTimeoutSeconds == 30)
        #expect(configuration.idleTimeoutSeconds == 75)
        #expect(configuration.shutdownTimeoutSeconds == 25)
        #expect(configuration.snapshotIntervalSeconds == 300)
        #expect(configuration.scrubIntervalSeconds == 2_592_000)
        #expect(configuration.corsOrigins.origins.isEmpty)
        #expect(configuration.logLevel == .info)
        #expect(configuration.logFormat == .text)
    }

    @Test func `variables that are no settings are ignored`() throws {
        #expect(try read(["HOME": "/root", "PORTS": "x"]).port == 8_001)
    }

    @Test func `an option goes before the environment`() throws {
        let configuration = try Configuration.read(
            environment: ["API_KEY": "secret", "PORT": "1", "HOST": "::1"],
            options: ["PORT": "2"]
        )
        #expect(configuration.port == 2)
        #expect(configuration.host == "::1")
    }

    @Test func `an unusable variable does not matter when an option replaces it`() throws {
        let configuration = try Configuration.read(
            environment: ["API_KEY": "secret", "PORT": "none"],
            options: ["PORT": "2"]
        )
        #expect(configuration.port == 2)
    }

    // MARK: Numbers

    /// Where each number ends up, so that a mix-up of two settings shows.
    private static let numbers: [(name: String, value: @Sendable (Configuration) -> Int)] = [
        ("PORT", { Int($0.port) }),
        ("WORKERS", { $0.workerCount }),
        ("MAX_LINK_EXPIRY", { $0.linkExpirySecondsMax }),
        ("MAX_FILE_BYTES", { $0.fileSizeMax.bytes }),
        ("MAX_REQUEST_BYTES", { $0.requestSizeMax.bytes }),
        ("MAX_FILES_PER_REQUEST", { $0.filesPerRequestMax }),
        ("MAX_PART_HEADER_BYTES", { $0.partHeaderSizeMax.bytes }),
        ("MAX_CONNECTIONS", { $0.connectionCountMax }),
        ("MAX_UPLOADS", { $0.uploadCountMax }),
        ("CACHE_BYTES", { $0.cacheSize.bytes }),
        ("HEADER_TIMEOUT", { $0.headerTimeoutSeconds }),
        ("BODY_TIMEOUT", { $0.bodyTimeoutSeconds }),
        ("MIN_BODY_RATE", { $0.bodyBytesPerSecondMin }),
        ("WRITE_TIMEOUT", { $0.writeTimeoutSeconds }),
        ("IDLE_TIMEOUT", { $0.idleTimeoutSeconds }),
        ("SHUTDOWN_TIMEOUT", { $0.shutdownTimeoutSeconds }),
        ("SNAPSHOT_INTERVAL", { $0.snapshotIntervalSeconds }),
        ("SCRUB_INTERVAL", { $0.scrubIntervalSeconds }),
    ]

    private static let numericSettings = Setting.all.filter {
        if case .integer = $0.values { true } else { false }
    }

    @Test func `the tests below know every number`() {
        #expect(Set(Self.numbers.map(\.name)) == Set(Self.numericSettings.map(\.name)))
    }

    @Test(arguments: numbers.map(\.name))
    func `a number is taken at both ends of its range and refused one past them`(
        name: String
    ) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let value = try #require(Self.numbers.first { $0.name == name }).value
        guard case .integer(let range, _) = setting.values else { return }
        for bound in [range.lowerBound, range.upperBound] {
            #expect(value(try read([name: "\(bound)"])) == bound)
        }
        for past in [range.lowerBound - 1, range.upperBound + 1] {
            let refusal = try #require(error(for: [name: "\(past)"]))
            #expect(refusal.setting == name)
            #expect(refusal.description.contains("\(range.lowerBound) to \(range.upperBound)"))
            #expect(refusal.description.contains("\(past)"))
        }
    }

    @Test(
        arguments: [
            "", " 5", "5 ", "+5", "-1", "5.0", "5e3", "0x10", "5MB", "٣", "5\n",
            "99999999999999999999999999",
        ]
    )
    func `what is not a plain whole number is refused, not guessed at`(text: String) throws {
        for setting in Self.numericSettings {
            let refusal = try #require(error(for: [setting.name: text]))
            #expect(refusal.setting == setting.name)
            #expect(!refusal.description.contains("\n"))
        }
    }

    // MARK: Words, addresses, paths

    @Test(arguments: ["trace", "debug", "info", "notice", "warning", "error", "critical"])
    func `every level is taken`(level: String) throws {
        #expect(try read(["LOG_LEVEL": level]).logLevel.rawValue == level)
    }

    @Test func `both formats are taken`() throws {
        #expect(try read(["LOG_FORMAT": "text"]).logFormat == .text)
        #expect(try read(["LOG_FORMAT": "json"]).logFormat == .json)
    }

    @Test(arguments: ["LOG_LEVEL", "LOG_FORMAT"], ["", "INFO", "Json", "text "])
    func `another word is refused with the list of words`(name: String, word: String) throws {
        let refusal = try #require(error(for: [name: word]))
        let setting = try #require(Setting.all.first { $0.name == name })
        #expect(refusal.description.contains(setting.acceptedText))
    }

    @Test(arguments: ["0.0.0.0", "127.0.0.1", "::", "::1", "localhost"])
    func `an address is taken`(host: String) throws {
        #expect(try read(["HOST": host]).host == host)
    }

    @Test(arguments: ["", "example.com", "[::1]", "1.2.3", "1.2.3.4:80", "256.0.0.1"])
    func `what is no address is refused`(host: String) throws {
        #expect(try #require(error(for: ["HOST": host])).setting == "HOST")
    }

    @Test func `a path is taken at its longest and refused one byte past that`() throws {
        let longest = String(repeating: "d", count: Configuration.pathBytesMax)
        #expect(try read(["DATA_DIR": longest]).dataDirectory == longest)
        let refusal = try #require(error(for: ["DATA_DIR": longest + "d"]))
        #expect(refusal.description.contains("at most \(Configuration.pathBytesMax) bytes"))
    }

    @Test(arguments: ["", "a\0b"])
    func `a path that no system call takes is refused`(path: String) throws {
        #expect(try #require(error(for: ["DATA_DIR": path])).setting == "DATA_DIR")
    }

    @Test func `a long value is shown cut and on one line`() throws {
        let refusal = try #require(error(for: ["PORT": String(repeating: "x\n", count: 5_000)]))
        #expect(refusal.description.utf8.count < 500)
        #expect(!refusal.description.contains("\n"))
    }
}
