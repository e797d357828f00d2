/// What was measured, as a line for people or for programs.
struct Figure {
    /// What it is, the most general word first: `micro/http-head-wrk/time`.
    var name: String
    /// The figure itself, the median where there are several.
    var value: Double
    /// What it counts.
    var unit: String
    /// The least and the greatest of several.
    var range: ClosedRange<Double>?

    /// Prints the figure.
    ///
    /// - Parameter asJSON: whether as one JSON object, for programs.
    func print(asJSON: Bool) {
        // Names and units are ours and hold nothing that JSON would have to escape.
        if asJSON {
            let limits = range.map { ",\"min\":\($0.lowerBound),\"max\":\($0.upperBound)" } ?? ""
            Swift.print("{\"name\":\"\(name)\",\"value\":\(value),\"unit\":\"\(unit)\"\(limits)}")
            return
        }
        let limits = range.map { " (\(Self.short($0.lowerBound)) to \(Self.short($0.upperBound)))" }
        let padding = String(repeating: " ", count: max(1, Self.nameColumns - name.count))
        Swift.print("\(name)\(padding)\(Self.short(value)) \(unit)\(limits ?? "")")
    }

    /// The width of the table's first column, for the longest name there is.
    private static let nameColumns = 56

    /// Leaves out digits that mean nothing: four are more than any of this can be repeated to.
    private static func short(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 1000 { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded.magnitude < 1e15 && rounded == rounded.rounded()
            ? "\(Int64(rounded))" : "\(rounded)"
    }
}

/// Several measurements of the same thing.
struct Sample {
    /// From the least to the greatest.
    private let sorted: [Double]

    /// Takes over measurements.
    ///
    /// - Parameter values: in any order, at least one.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "nothing was measured")
        sorted = values.sorted()
    }

    /// The middle one.
    var median: Double { quantile(0.5) }

    /// The least and the greatest.
    var range: ClosedRange<Double> { sorted[0]...sorted[sorted.count - 1] }

    /// Gives the least measurement that a part of all do not exceed.
    ///
    /// - Parameter part: above 0, at most 1.
    /// - Returns: a measurement, never something between two.
    func quantile(_ part: Double) -> Double {
        let rank = (part * Double(sorted.count)).rounded(.up)
        return sorted[min(sorted.count, max(1, Int(rank))) - 1]
    }
}
