internal import Server
internal import Testing

@Suite struct SettingTests {
    @Test func `the table has every setting of the contract once`() {
        let names = """
            API_KEY API_KEY_FILE HOST PORT DATA_DIR DOCS_DIR WORKERS MAX_LINK_EXPIRY \
            MAX_FILE_BYTES MAX_REQUEST_BYTES MAX_FILES_PER_REQUEST MAX_PART_HEADER_BYTES \
            MAX_CONNECTIONS MAX_UPLOADS HEADER_TIMEOUT BODY_TIMEOUT MIN_BODY_RATE WRITE_TIMEOUT \
            IDLE_TIMEOUT SHUTDOWN_TIMEOUT SNAPSHOT_INTERVAL SCRUB_INTERVAL CACHE_BYTES \
            CORS_ORIGINS LOG_LEVEL LOG_FORMAT
            """
        #expect(
            Setting.all.map(\.name).sorted()
                == names.split(separator: " ").map(String.init).sorted()
        )
    }

    @Test func `options are spelled after the variables`() {
        #expect(Setting.maxFileBytes.option == "--max-file-bytes")
        #expect(Setting.host.option == "--host")
        #expect(Setting.apiKeyFile.option == "--api-key-file")
    }

    @Test(arguments: Setting.all.map(\.name))
    func `help is one sentence, and every default is accepted`(name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        #expect(setting.help.hasSuffix("."))
        #expect(!setting.help.dropLast().contains(". "))
        guard case .value(let text) = setting.fallback else { return }
        let environment = ["API_KEY": "secret", name: text]
        #expect(throws: Never.self) { try Configuration.read(environment: environment) }
    }

    @Test func `a row of the README's table has name, option, default, unit, range and help`() {
        #expect(
            Setting.headerTimeout.markdownRow
                == "| `HEADER_TIMEOUT` | `--header-timeout` | `10` | seconds | 1 to 3600 |"
                + " How long the head of a request may take. |"
        )
        #expect(Setting.apiKey.markdownRow.hasPrefix("| `API_KEY` | `--api-key` | – | – | "))
    }
}
