internal import ArgumentParser
internal import UV

/// Measures what the number of images costs, on a directory that `fill` made.
///
/// The size that is of interest is opened first, because memory that another size has used would
/// count for this one.
struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Measure a catalog's start, memory, statistics, lookups and commits.",
        discussion: """
            Uses directories that `fill` made, and adds some thousands of images to their journals.
            scripts/benchmark/scale.py runs this for each size, and the real server as well.
            """
    )

    @Option(help: "A directory that 'fill' made.")
    var dataDir: String

    @Option(help: "Another one, whose catalog takes turns with the first; ratios are printed.")
    var against: String?

    @Option(help: "The seed that they were made with.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        let catalog = try CatalogUnderLoad(path: dataDir, seed: seed)
        let size = catalog.imageCount
        report(catalog, "start", [catalog.startSeconds], "s")
        let bytes = Double(catalog.residentBytes) / Double(max(1, size))
        report(catalog, "memory", [bytes], "bytes/image")
        let other = try against.map { try CatalogUnderLoad(path: $0, seed: seed) }
        measureWork(catalog, other)
        other?.close()
        measureLookUps(catalog)
        measureDurableUploads(catalog)
        catalog.close()
    }

    private func report(
        _ catalog: CatalogUnderLoad,
        _ name: String,
        _ values: [Double],
        _ unit: String
    ) {
        let sample = Sample(values)
        Figure(
            name: "scale/\(catalog.imageCount)/\(name)",
            value: sample.median,
            unit: unit,
            range: values.count > 1 ? sample.range : nil
        ).print(asJSON: json)
    }

    // MARK: Work

    /// Odd, for a median; many, because each takes some milliseconds only.
    private static let workRounds = 11
    private static let statisticsCount = 4_000
    /// Few against the ten thousand images that the smallest size of interest has, so that all
    /// rounds together do not change the size much.
    private static let uploadCount = 200
    /// As many clients as upload at a time in the other benchmarks.
    private static let uploadsAtOnce = 64

    /// What has to cost the same at any size, without flushes, which are the disk's business.
    private func measureWork(_ catalog: CatalogUnderLoad, _ other: CatalogUnderLoad?) {
        for each in [catalog, other].compactMap(\.self) { each.flushes = false }
        for (name, measure) in [
            ("statistics/p50", { Sample($0.statistics(Self.statisticsCount)).median }),
            ("upload-1/time", { timeOfUpload($0, atOnce: 1) }),
            ("upload-64/time", { timeOfUpload($0, atOnce: Self.uploadsAtOnce) }),
        ] as [(String, (CatalogUnderLoad) -> Double)] {
            // Once to warm up, and the turn of each begins with the other's traces in the caches.
            for each in [catalog, other].compactMap(\.self) { _ = measure(each) }
            var times: [Double] = []
            var ratios: [Double] = []
            for _ in 0..<Self.workRounds {
                times.append(measure(catalog))
                if let other { ratios.append(times[times.count - 1] / measure(other)) }
            }
            report(catalog, name, times, "ns")
            if let other { report(catalog, "\(name)-to-\(other.imageCount)", ratios, "times") }
        }
        for each in [catalog, other].compactMap(\.self) { each.flushes = true }
    }

    private func timeOfUpload(_ catalog: CatalogUnderLoad, atOnce width: Int) -> Double {
        let began = monotonicNanoseconds()
        _ = catalog.uploads(Self.uploadCount, atOnce: width)
        return Double(monotonicNanoseconds() - began) / Double(Self.uploadCount)
    }

    // MARK: Beside a snapshot

    private static let snapshotRounds = 5
    /// So many that one in a thousand of them is a hundred.
    private static let lookUpCount = 100_000
    /// A flush takes milliseconds: this many uploads a round are some seconds altogether.
    private static let durableUploadCount = 400
    /// Snapshots of a small catalog are over before much can be seen, so many are written.
    private static let snapshotsMax = 40

    /// Lookups without and with a snapshot being written, in turns.
    private func measureLookUps(_ catalog: CatalogUnderLoad) {
        var quiet: [Sample] = []
        var busy: [Sample] = []
        var seconds: [Double] = []
        for _ in 0..<Self.snapshotRounds {
            quiet.append(Sample(catalog.lookUps(Self.lookUpCount)))
            var times: [Double] = []
            for _ in 0..<Self.snapshotsMax where times.count < Self.lookUpCount {
                let snapshot = catalog.whileSnapshotting { _, done in catalog.lookUpOne(done) }
                times += snapshot.times
                seconds.append(snapshot.seconds)
            }
            busy.append(Sample(times))
        }
        report(catalog, "snapshot", seconds, "s")
        for (name, part) in [("p50", 0.5), ("p99.9", 0.999)] {
            let without = quiet.map { $0.quantile(part) }
            let with = busy.map { $0.quantile(part) }
            report(catalog, "lookup/\(name)", without, "ns")
            report(catalog, "lookup-while-snapshot/\(name)", with, "ns")
            let ratios = zip(with, without).map { $0 / $1 }
            report(catalog, "lookup-while-snapshot/\(name)-to-without", ratios, "times")
        }
    }

    /// Durable uploads, one after the other, without and with a snapshot being written, in turns.
    private func measureDurableUploads(_ catalog: CatalogUnderLoad) {
        var alone: [Double] = []
        var beside: [Double] = []
        for _ in 0..<Self.snapshotRounds {
            alone += catalog.uploads(Self.durableUploadCount, atOnce: 1)
            var times: [Double] = []
            for _ in 0..<Self.snapshotsMax where times.count < Self.durableUploadCount {
                times += catalog.whileSnapshotting { _, done in catalog.uploadOne(done) }.times
            }
            beside += times
        }
        for (name, times) in [
            ("durable-upload", Sample(alone)), ("durable-upload-while-snapshot", Sample(beside)),
        ] {
            report(catalog, "\(name)/p50", [times.median], "ns")
            report(catalog, "\(name)/p99", [times.quantile(0.99)], "ns")
            report(catalog, "\(name)/p99.9", [times.quantile(0.999)], "ns")
        }
    }
}
