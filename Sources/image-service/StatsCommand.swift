internal import ArgumentParser
internal import Server

/// Prints the statistics of a data directory.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show the statistics that the service would answer.",
        discussion: """
            Reads the catalog and no image. The service has to be stopped; while it runs,
            ask it instead:
              curl -H "x-api-key: $API_KEY" http://127.0.0.1:8001/api/stats
            """
    )

    @OptionGroup var data: DataDirectoryOptions

    func run() throws {
        try Maintenance.stats(dataDirectory: try data.directory()) { print($0) }
    }
}
