internal import Bytes
internal import Catalog
internal import HTTP1

/// `GET /api/stats` and `GET /api/stats/details`.
enum StatsEndpoint {
    /// Cameras in the short form.
    static let topCameraCount = 10

    /// Serves a request.
    ///
    /// - Parameters:
    ///   - exchange: the request; its key has been checked.
    ///   - services: the stores.
    ///   - encode: turns the statistics into JSON.
    static func serve(
        _ exchange: Exchange,
        services: Services,
        encode: @escaping (Statistics) -> [UInt8]
    ) {
        let worker = exchange.worker
        let today = ImageRecord.day(of: worker.clock.seconds)
        services.catalog.statistics(today: today, on: worker.loop) { result in
            switch result {
            case .failure(let error):
                exchange.respond(worker.problem(error))
            case .success(let statistics):
                var response = Response(type: "application/json", encode(statistics))
                // Correct at once after an upload means that nobody may answer from a copy.
                response.add(.cacheControl, "no-store")
                exchange.respond(response)
            }
        }
    }

    /// Encodes the short form, with the keys of the contract in their order.
    ///
    /// - Parameter statistics: the counts.
    /// - Returns: a JSON object.
    static func summary(_ statistics: Statistics) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("Image Upload Frequency Per Day (last 30 days)") {
                $0.counts(statistics.days.filter { $0.images > 0 }.map(\.dated))
            }
            object.member("Most Popular Image Format") { value in
                if let format = statistics.mostPopularFormat {
                    value.string(format.name)
                } else {
                    value.null()
                }
            }
            object.member("Top 10 Popular Camera Models") { value in
                value.array { names in
                    for camera in statistics.cameras.prefix(topCameraCount) {
                        names.string(camera.name)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// Encodes the long form.
    ///
    /// - Parameter statistics: the counts.
    /// - Returns: a JSON object.
    static func details(_ statistics: Statistics) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("images", Int(statistics.images))
            object.member("bytes", Int(statistics.bytes))
            object.member("days") { $0.counts(statistics.days.map(\.dated)) }
            object.member("formats") {
                $0.counts(statistics.formats.map { ($0.kind.name, $0.images) })
            }
            object.member("cameras") {
                $0.counts(statistics.cameras.map { ($0.name, $0.images) })
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// Writes an object of names and counts, in the order given.
    fileprivate mutating func counts(_ members: [(String, UInt64)]) {
        object { object in
            for (name, count) in members { object.member(name, Int(count)) }
        }
    }
}

extension Statistics.Day {
    /// The day as it stands in JSON, `2024-05-06`, with its count.
    fileprivate var dated: (String, UInt64) {
        // A moment's text begins with its date of ten characters.
        (String(Timestamp(seconds: day * 86_400).text.prefix(10)), images)
    }
}
