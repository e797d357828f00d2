internal import ArgumentParser
internal import UV

/// Measures what the number of images costs, on a directory that `fill` made.
///
/// One size a process, because memory that another size has used would count for this one.
struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Measure a catalog's start, memory, statistics, lookups and commits.",
        discussion: """
            Uses a directory that `fill` made, and adds some thousands of images to its journal.
            scripts/benchmark/scale.py runs this for each size, and the real server as well.
            """
    )

    @Option(help: "A directory that 'fill' made.")
    var dataDir: String

    @Option(help: "The seed that it was made with.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object a line.")
    var json = false

    /// So many that one in a thousand of them is a hundred.
    private static let lookUpCount = 100_000
    private static let statisticsCount = 20_000
    /// Few against the ten thousand images that the smallest size of interest has, so that they do
    /// not change the size.
    private static let uploadCount = 1_000
    /// Repeated, for a median and its spread.
    private static let rounds = 5
    /// As many clients as upload at a time in the other benchmarks.
    private static let uploadsAtOnce = 64
    /// Snapshots of a small catalog are over before anything can be seen, so many are written.
    private static let snapshotSamplesMin = 20_000
    private static let snapshotsMax = 200
    /// A flush takes milliseconds: this many uploads are some seconds.
    private static let flushedUploadCount = 2_000

    func run() throws {
        let catalog = try CatalogUnderLoad(path: dataDir, seed: seed)
        let size = catalog.imageCount
        func report(_ name: String, _ values: [Double], _ unit: String) {
            let sample = Sample(values)
            Figure(
                name: "scale/\(size)/\(name)",
                value: sample.median,
                unit: unit,
                range: values.count > 1 ? sample.range : nil
            ).print(asJSON: json)
        }
        report("start", [catalog.startSeconds], "s")
        report("memory", [Double(catalog.residentBytes) / Double(max(1, size))], "bytes/image")

        let statistics = (0..<Self.rounds).map { _ in
            Sample(catalog.statistics(Self.statisticsCount / Self.rounds))
        }
        report("statistics/p50", statistics.map(\.median), "ns")
        report("statistics/p99.9", statistics.map { $0.quantile(0.999) }, "ns")

        catalog.flushes = false
        measureUploads(catalog, atOnce: 1, report)
        measureUploads(catalog, atOnce: Self.uploadsAtOnce, report)
        catalog.flushes = true

        measureSnapshots(catalog, report)
        catalog.close()
    }

    /// The catalog's part of uploads without flushes: time on the clock and of the processors.
    private func measureUploads(
        _ catalog: CatalogUnderLoad,
        atOnce width: Int,
        _ report: (String, [Double], String) -> Void
    ) {
        _ = catalog.uploads(Self.uploadCount, atOnce: width)
        var wall: [Double] = []
        var processor: [Double] = []
        for _ in 0..<Self.rounds {
            let (began, used) = (monotonicNanoseconds(), ProcessFigures.processorNanoseconds)
            _ = catalog.uploads(Self.uploadCount, atOnce: width)
            let count = Double(Self.uploadCount)
            wall.append(Double(monotonicNanoseconds() - began) / count)
            processor.append(Double(ProcessFigures.processorNanoseconds - used) / count)
        }
        report("upload-\(width)/time", wall, "ns")
        report("upload-\(width)/processor", processor, "ns")
    }

    /// Lookups and durable uploads, each without and with a snapshot being written.
    private func measureSnapshots(
        _ catalog: CatalogUnderLoad,
        _ report: (String, [Double], String) -> Void
    ) {
        var quiet: [Sample] = []
        var busy: [Double] = []
        var seconds: [Double] = []
        // In turns, so that whatever else the machine does meets both.
        while quiet.count < Self.rounds
            || busy.count < Self.snapshotSamplesMin && seconds.count < Self.snapshotsMax
        {
            if quiet.count < Self.rounds { quiet.append(Sample(catalog.lookUps(Self.lookUpCount))) }
            let snapshot = catalog.whileSnapshotting { _, done in catalog.lookUpOne(done) }
            busy += snapshot.times
            seconds.append(snapshot.seconds)
        }
        report("lookup/p50", quiet.map(\.median), "ns")
        report("lookup/p99.9", quiet.map { $0.quantile(0.999) }, "ns")
        let all = Sample(busy)
        report("lookup-while-snapshot/p50", [all.median], "ns")
        report("lookup-while-snapshot/p99.9", [all.quantile(0.999)], "ns")
        report("snapshot", seconds, "s")

        let alone = Sample(catalog.uploads(Self.flushedUploadCount, atOnce: 1))
        report("durable-upload/p50", [alone.median], "ns")
        report("durable-upload/p99.9", [alone.quantile(0.999)], "ns")
        var beside: [Double] = []
        for _ in 0..<Self.snapshotsMax where beside.count < Self.flushedUploadCount {
            beside += catalog.whileSnapshotting { _, done in catalog.uploadOne(done) }.times
        }
        let besides = Sample(beside)
        report("durable-upload-while-snapshot/p50", [besides.median], "ns")
        report("durable-upload-while-snapshot/p99.9", [besides.quantile(0.999)], "ns")
    }
}
