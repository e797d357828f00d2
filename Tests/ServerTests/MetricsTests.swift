internal import Server
internal import Testing

/// A sample of Prometheus's text format, read back.
private struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: Double
}

/// A family: its comment lines and its samples.
private struct Family {
    var type: String
    var help: String
    var samples: [Sample] = []
}

@Suite struct MetricsTests {
    /// Reads the text format strictly: HELP, TYPE, then the samples of that family only.
    private func parse(_ bytes: [UInt8]) throws -> [String: Family] {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        var families: [String: Family] = [:]
        var current = ""
        var pendingHelp: (name: String, text: String)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                let words = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                pendingHelp = (String(words[0]), String(words[1]))
            } else if line.hasPrefix("# TYPE ") {
                let words = line.dropFirst(7).split(separator: " ")
                let help = try #require(pendingHelp)
                current = String(words[0])
                #expect(help.name == current)
                #expect(families[current] == nil, "\(current) stands twice")
                families[current] = Family(type: String(words[1]), help: help.text)
                pendingHelp = nil
            } else {
                let sample = try parseSample(line)
                let suffixes =
                    families[current]?.type == "histogram"
                    ? ["_bucket", "_sum", "_count"] : [""]
                #expect(suffixes.contains { sample.name == current + $0 }, "\(line)")
                families[current]?.samples.append(sample)
            }
        }
        return families
    }

    private func parseSample(_ line: Substring) throws -> Sample {
        let name = line.prefix { $0.isLetter || $0 == "_" }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            let end = try #require(rest.lastIndex(of: "}"))
            for pair in rest[..<end].dropFirst().split(separator: ",") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                labels[String(parts[0])] = String(parts[1].dropFirst().dropLast())
            }
            rest = rest[rest.index(after: end)...]
        }
        #expect(rest.first == " ")
        let value = try #require(Double(rest.dropFirst()))
        return Sample(name: String(name), labels: labels, value: value)
    }

    private func value(
        _ families: [String: Family],
        _ name: String,
        _ labels: [String: String] = [:]
    ) -> Double? {
        families[name]?.samples.first { $0.labels == labels }?.value
    }

    private func filled() -> Metrics {
        let metrics = Metrics(
            workerCount: 2,
            version: "1.2\"\\\n3",
            startTime: Timestamp(milliseconds: 1_714_996_800_250)
        )
        for worker in metrics.workers {
            worker.connectionOpened()
            worker.connectionOpened()
            worker.connectionClosed()
            worker.requestAnswered(
                route: .image,
                status: 200,
                responseBytes: 1_000,
                durationMicroseconds: 100
            )
            worker.requestAnswered(
                route: .image,
                status: 404,
                responseBytes: 10,
                durationMicroseconds: 101
            )
            worker.uploadBegan()
            worker.uploadBegan()
            worker.uploadEnded()
            worker.imagesUploaded(new: 3, duplicates: 2, bytes: 500)
            worker.fileRefused(.unsupportedFormat)
            worker.cacheHit()
            worker.cacheHit()
            worker.cacheMissed()
            worker.cacheResized(bytes: 5)
            worker.cacheResized(bytes: 7)
            worker.commitEnded(durationMicroseconds: 70_000_000)
            worker.turnedAway(.tooManyUploads)
            worker.storageFailed()
        }
        return metrics
    }

    @Test func `what two loops counted is added up`() throws {
        let families = try parse(filled().encode(stored: .init(images: 11, bytes: 22)))
        let expected: [(String, [String: String], Double)] = [
            ("images", [:], 11), ("image_bytes", [:], 22),
            ("http_requests_total", ["route": "image", "code": "200"], 2),
            ("http_requests_total", ["route": "image", "code": "404"], 2),
            ("http_response_bytes_total", [:], 2_020),
            ("connections_accepted_total", [:], 4), ("connections_open", [:], 2),
            ("turned_away_total", ["reason": "too_many_uploads"], 2),
            ("turned_away_total", ["reason": "shutting_down"], 0),
            ("uploads_under_way", [:], 2),
            ("uploaded_images_total", ["kind": "new"], 6),
            ("uploaded_images_total", ["kind": "duplicate"], 4),
            ("uploaded_bytes_total", [:], 1_000),
            ("refused_files_total", ["reason": "unsupported_format"], 2),
            ("refused_files_total", ["reason": "too_large"], 0),
            ("storage_failures_total", [:], 2),
            ("cache_requests_total", ["result": "hit"], 4),
            ("cache_requests_total", ["result": "miss"], 2),
            ("cache_bytes", [:], 14),
        ]
        for (name, labels, value) in expected {
            #expect(self.value(families, "image_service_" + name, labels) == value, "\(name)")
        }
        #expect(value(families, "process_start_time_seconds") == 1_714_996_800.25)
    }

    @Test func `names and types follow Prometheus's conventions`() throws {
        let families = try parse(filled().encode(stored: .init(images: 0, bytes: 0)))
        for (name, family) in families {
            #expect(name.hasPrefix("image_service_") || name == "process_start_time_seconds")
            #expect((family.type == "counter") == name.hasSuffix("_total"), "\(name)")
            #expect(["counter", "gauge", "histogram"].contains(family.type))
            #expect(!family.samples.isEmpty, "\(name)")
            #expect(family.help.hasSuffix("."))
            #expect(
                Set(family.samples.map { Sample(name: $0.name, labels: $0.labels, value: 0) }).count
                    == family.samples.count
            )
        }
    }

    @Test func `a label's value is escaped`() {
        let text = String(
            decoding: filled().encode(stored: .init(images: 0, bytes: 0)),
            as: UTF8.self
        )
        #expect(text.contains(#"image_service_build_info{version="1.2\"\\\n3"} 1"# + "\n"))
    }

    @Test func `buckets add up to the count, and a bound belongs to its bucket`() throws {
        let families = try parse(filled().encode(stored: .init(images: 0, bytes: 0)))
        let name = "image_service_http_request_duration_seconds"
        let samples = try #require(families[name]).samples
        let buckets = samples.filter { $0.name == name + "_bucket" }
        #expect(buckets.count == Histogram.upperBoundsMicroseconds.count + 1)
        #expect(buckets.map(\.value) == buckets.map(\.value).sorted())
        #expect(buckets.first?.labels == ["route": "image", "le": "0.0001"])
        #expect(buckets.first?.value == 2)
        #expect(buckets.dropFirst().first?.value == 4)
        #expect(buckets.last?.labels["le"] == "+Inf")
        #expect(buckets.last?.value == 4)
        #expect(samples.first { $0.name == name + "_count" }?.value == 4)
        #expect(samples.first { $0.name == name + "_sum" }?.value == 0.000402)
        let bounds = buckets.dropLast().compactMap { $0.labels["le"].flatMap(Double.init) }
        #expect(bounds == Histogram.upperBoundsMicroseconds.map { Double($0) / 1_000_000 })
    }

    @Test func `what passes the last bound is in the last bucket only`() throws {
        let families = try parse(filled().encode(stored: .init(images: 0, bytes: 0)))
        let name = "image_service_commit_duration_seconds"
        let buckets = try #require(families[name]).samples.filter { $0.name == name + "_bucket" }
        #expect(buckets.last?.value == 2)
        #expect(buckets.dropLast().allSatisfy { $0.value == 0 })
    }

    @Test func `without traffic every family still is valid`() throws {
        let families = try parse(Metrics(workerCount: 1).encode(stored: .init(images: 0, bytes: 0)))
        #expect(value(families, "image_service_build_info", ["version": Version.current]) == 1)
        #expect(value(families, "image_service_connections_open") == 0)
    }

    @Test func `the number of time series is bounded, whatever clients do`() throws {
        let metrics = Metrics(workerCount: 1)
        let worker = metrics.workers[0]
        // Statuses of ours: those of problems, and the good ones.
        let statuses = Set(ProblemCode.allCases.map(\.status) + [200, 204, 206, 304])
        for route in MetricRoute.allCases {
            for status in statuses {
                worker.requestAnswered(
                    route: route,
                    status: status,
                    responseBytes: 0,
                    durationMicroseconds: 0
                )
            }
        }
        let bytes = metrics.encode(stored: .init(images: 0, bytes: 0))
        let families = try parse(bytes)
        #expect(families.values.reduce(0) { $0 + $1.samples.count } < 1_000)
    }
}
