internal import ArgumentParser
internal import Server

/// The one setting of the commands that serve nobody.
struct DataDirectoryOptions: ParsableArguments {
    @Option(name: .setting(.dataDirectory), help: .setting(.dataDirectory))
    var dataDirectory: String?

    /// The directory from the option, the environment or the default, in this order.
    func directory() throws(ConfigurationError) -> String {
        try Configuration.dataDirectory(option: dataDirectory)
    }
}
