internal import ArgumentParser
internal import UV

/// Measures the parsers alone: no socket, no file, one thread.
struct MicroCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "micro",
        abstract: "Measure the parsers, the header readers and the catalog's lookup alone.",
        discussion: """
            Prints nanoseconds and bytes a second. Instructions and allocations are counted from
            outside: scripts/benchmark/micro.py runs single cases under valgrind, a certain number
            of times and twice as often, and takes the difference.
            """
    )

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(help: "Print the names of the cases and how often to run each when counting.")
    var list = false

    @Option(name: .customLong("case"), help: "Only this case.")
    var only: String?

    @Option(help: "Run the case this often and measure nothing.")
    var runs: Int?

    func validate() throws {
        if let only, !ParserCase.all.contains(where: { $0.name == only }) {
            throw ValidationError("there is no case \(only): see --list")
        }
        if runs != nil, only == nil { throw ValidationError("--runs needs --case") }
    }

    func run() throws {
        for parserCase in ParserCase.all where only == nil || parserCase.name == only {
            if list {
                print(parserCase.name, parserCase.countedRuns)
            } else if let runs {
                let work = try parserCase.prepare()
                for _ in 0..<runs { _ = try work.run() }
            } else {
                try measure(parserCase)
            }
        }
    }

    /// How often the time is taken, for a median.
    private static let sampleCount = 9
    /// How long each sample takes at least: long against the clock and against an interruption.
    private static let sampleNanoseconds: UInt64 = 50_000_000

    private func measure(_ parserCase: ParserCase) throws {
        let work = try parserCase.prepare()
        let runs = try runsPerSample(of: work)
        let times = try (0..<Self.sampleCount).map { _ in
            Double(try nanoseconds(of: runs, work.run)) / Double(runs)
        }
        let time = Sample(times)
        Figure(
            name: "micro/\(parserCase.name)/time",
            value: time.median,
            unit: "ns",
            range: time.range
        ).print(asJSON: json)
        guard let byteCount = work.byteCount else { return }
        let speed = Sample(times.map { Double(byteCount) / $0 * 1e9 })
        Figure(
            name: "micro/\(parserCase.name)/speed",
            value: speed.median,
            unit: "bytes/s",
            range: speed.range
        ).print(asJSON: json)
    }

    /// Doubles the number of runs until they take long enough, which warms the caches as well.
    private func runsPerSample(of work: ParserCase.Work) throws -> Int {
        var runs = 1
        while try nanoseconds(of: runs, work.run) < Self.sampleNanoseconds { runs *= 2 }
        return runs
    }

    private func nanoseconds(of runs: Int, _ work: () throws -> Int) throws -> UInt64 {
        let began = monotonicNanoseconds()
        for _ in 0..<runs { _ = try work() }
        return monotonicNanoseconds() - began
    }
}
