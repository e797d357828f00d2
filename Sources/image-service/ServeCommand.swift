internal import ArgumentParser
internal import Server

/// Runs the service until it is told to stop.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve uploads and images (what happens without a subcommand).",
        discussion: """
            Keys are needed, from API_KEY or from a file:
              API_KEY=secret image-service serve
              image-service serve --api-key-file /run/secrets/api-key

            Reachable from other machines, for files of at most 100 MB:
              API_KEY=secret image-service serve --host 0.0.0.0 --max-file-bytes 100000000

            Each option goes before the environment variable named in its brackets.
            SIGTERM and SIGINT stop the service: what is under way may finish within
            SHUTDOWN_TIMEOUT.
            """
    )

    @OptionGroup(title: "Settings")
    var settings: SettingsOptions

    func run() throws {
        try Server.run(try Configuration.read(options: settings.given))
    }
}
