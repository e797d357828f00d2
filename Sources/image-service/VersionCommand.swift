internal import ArgumentParser
internal import Server

/// Says which version this is.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version."
    )

    func run() {
        print("image-service \(Version.current)")
    }
}
