internal import ArgumentParser

/// The command line of the benchmarks that need no network: one subcommand a file.
///
/// `scripts/bench` calls them and adds what has to be seen from outside of the process.
struct BenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks",
        abstract: "Measures parts of Image Service in this process.",
        discussion: """
            Meant for a release build:
              swift run -c release Benchmarks micro
              swift run -c release Benchmarks fill --images 10000000 --data-dir /mnt/bench/data
              swift run -c release Benchmarks scale --data-dir /mnt/bench/data
            """,
        subcommands: [MicroCommand.self, FillCommand.self, ScaleCommand.self]
    )
}
