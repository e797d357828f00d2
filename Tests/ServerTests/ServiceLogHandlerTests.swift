internal import Logging
internal import Server
internal import Testing
internal import UV

@Suite struct ServiceLogHandlerTests {
    /// What a logger with the given settings writes to stderr, without the time.
    private func written(
        _ format: LogFormat,
        level: Logger.Level = .info,
        _ body: (inout Logger) -> Void
    ) throws -> String {
        let collector = LogCollector()
        let sink = try LogSink(format: format, output: collector.output)
        var configuration = try Configuration.read(environment: ["API_KEY": "k"])
        configuration.logLevel = level
        configuration.logFormat = format
        var logger = Logger.service(label: "server", configuration: configuration, sink: sink)
        body(&logger)
        sink.flush()
        #expect(collector.text(of: .output).isEmpty)
        return collector.text(of: .error)
    }

    private func withoutTime(_ line: String) -> String {
        String(line.drop { $0 != " " }.dropFirst())
    }

    @Test func `a text line has time, level, label, message and sorted metadata`() throws {
        let line = try written(.text) { logger in
            logger[metadataKey: "loop"] = "1"
            logger.warning("the disk is nearly full", metadata: ["free": "5", "at": "/data"])
        }
        #expect(
            withoutTime(line)
                == #"warning server: the disk is nearly full at="/data" free="5" loop="1""# + "\n"
        )
        let time = line.prefix { $0 != " " }
        #expect(time.count == "2024-05-06T12:00:00.123Z".count && time.hasSuffix("Z"))
    }

    @Test func `a JSON line keeps metadata apart from its own members`() throws {
        let line = try written(.json) { logger in
            logger.error("broken", metadata: ["level": "forged"])
        }
        #expect(
            line.hasSuffix(
                #""level":"error","logger":"server","message":"broken","#
                    + #""metadata":{"level":"forged"}}"# + "\n"
            )
        )
        #expect(line.hasPrefix(#"{"time":"2"#))
    }

    @Test func `what a call says goes before what its logger carries`() throws {
        let line = try written(.text) { logger in
            logger[metadataKey: "a"] = "logger"
            logger.info("x", metadata: ["a": "call"])
        }
        #expect(withoutTime(line) == "info server: x a=\"call\"\n")
    }

    @Test(arguments: LogFormat.allCases)
    func `text from elsewhere cannot forge a line or reach the terminal`(format: LogFormat) throws {
        let text = "a\r\n2024 error server: forged\u{1B}[2J\u{9B}\u{7F}\" b=\"c"
        let line = try written(format) { logger in
            logger.info("\(text)", metadata: ["k\n": "\(text)"])
        }
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1)
        #expect(!line.contains("b=\"c"))
        for scalar in line.dropLast().unicodeScalars {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
    }

    @Test func `messages below the level are not written`() throws {
        let lines = try written(.text, level: .warning) { logger in
            logger.info("no")
            logger.notice("no")
            logger.warning("yes")
            logger.critical("yes")
        }
        #expect(lines.split(separator: "\n").count == 2)
        #expect(!lines.contains("no"))
    }

    @Test func `a long message is whole at the limit and cut one byte past it`() throws {
        // The limit of `ServiceRecord`, which tests do not see.
        let limit = 2_048
        let longest = String(repeating: "m", count: limit)
        for text in [longest, longest + "n"] {
            let line = try written(.text) { logger in logger.info("\(text)") }
            #expect(withoutTime(line) == "info server: \(longest)\n")
        }
    }
}
