internal import ArgumentParser
internal import Server

/// Re-hashes what is stored.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check every stored image against its name and against the catalog.",
        discussion: """
            Reads every byte, so it takes as long as the disk does. The service has to
            be stopped: one process at a time uses a data directory.
              image-service verify --data-dir /srv/images

            Lists images that are damaged, missing, or not in the catalog. Exit status 0
            means that there are none, 1 that there are.
            """
    )

    @OptionGroup var data: DataDirectoryOptions

    func run() throws {
        let isSound = try Maintenance.verify(dataDirectory: try data.directory()) { print($0) }
        if !isSound { throw ExitCode.failure }
    }
}
