internal import ArgumentParser
internal import Server

/// Makes the catalog from the files.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the catalog anew from the stored images.",
        discussion: """
            For a catalog that 'verify' or 'serve' calls damaged. Format, size and camera
            are read from the images again; the day of an image's first upload is taken
            from its file. The service has to be stopped.
              image-service rebuild --data-dir /srv/images
            """
    )

    @OptionGroup var data: DataDirectoryOptions

    func run() throws {
        try Maintenance.rebuild(dataDirectory: try data.directory()) { print($0) }
    }
}
