internal import ArgumentParser
internal import Server

/// The command line: one subcommand a file.
///
/// What a command throws becomes one line on stderr and exit status 1; a mistake on the command
/// line itself gives the usage and status 64 (EX_USAGE of sysexits.h).
struct ImageServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image-service",
        abstract: "Keeps original images: hand out a link, get back a permanent content hash.",
        discussion: """
            Serve on port 8001, with the images below ./data:
              API_KEY=secret image-service

            Check that every stored image still is what its name says:
              image-service verify --data-dir /srv/images

            Every setting is an environment variable and an option of 'serve'; see
            'image-service serve --help'.
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, VerifyCommand.self, RebuildCommand.self, StatsCommand.self,
            HealthcheckCommand.self, VersionCommand.self,
        ],
        defaultSubcommand: ServeCommand.self
    )
}
