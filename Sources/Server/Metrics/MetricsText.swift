/// Writes Prometheus's text format 0.0.4.
///
/// ```
/// # HELP image_service_http_requests_total Requests answered, by route and status.
/// # TYPE image_service_http_requests_total counter
/// image_service_http_requests_total{route="image",code="200"} 5
/// ```
/// See https://prometheus.io/docs/instrumenting/exposition_formats/. All samples of a family stand
/// together after its two comment lines, as the format demands.
struct MetricsText {
    /// What a family measures.
    enum Kind: String {
        case counter, gauge, histogram
    }

    /// What all our own names begin with.
    static let prefix = "image_service_"

    /// The text so far.
    private(set) var bytes: [UInt8] = []
    private var name = ""

    /// Begins a family.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - kind: what it measures.
    ///   - help: what a reader should know, in one sentence.
    ///   - hasPrefix: false for the few names that Prometheus itself defines.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, hasPrefix: Bool = true) {
        self.name = (hasPrefix ? Self.prefix : "") + name
        bytes.append(text: "# HELP \(self.name) ")
        escape(help, quote: false)
        bytes.append(text: "\n# TYPE \(self.name) \(kind.rawValue)\n")
    }

    /// Writes a sample of the present family.
    ///
    /// - Parameters:
    ///   - labels: names and values, of a bounded number of values each.
    ///   - value: the value.
    mutating func sample(labels: [(String, String)] = [], _ value: Int) {
        begin("", labels)
        bytes.append(decimal: value)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes a sample of the present family that has a fraction.
    ///
    /// - Parameter thousandths: the value times 1,000.
    mutating func sample(thousandths: Int) {
        begin("", [])
        bytes.append(decimal: thousandths, fractionDigits: 3)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Writes the samples of a histogram: cumulative buckets up to `+Inf`, sum and count.
    ///
    /// - Parameters:
    ///   - labels: names and values.
    ///   - histogram: the counts.
    mutating func samples(labels: [(String, String)], _ histogram: Histogram) {
        var cumulative = 0
        for (i, count) in histogram.counts.enumerated() {
            cumulative += count
            let isLast = i == Histogram.upperBoundsMicroseconds.count
            let bound = isLast ? "+Inf" : Self.seconds(Histogram.upperBoundsMicroseconds[i])
            begin("_bucket", labels + [("le", bound)])
            bytes.append(decimal: cumulative)
            bytes.append(UInt8(ascii: "\n"))
        }
        begin("_sum", labels)
        bytes.append(decimal: histogram.sumMicroseconds, fractionDigits: 6)
        bytes.append(UInt8(ascii: "\n"))
        begin("_count", labels)
        bytes.append(decimal: cumulative)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Microseconds as seconds, without zeros at the end: `0.0001`, `2.5`, `60`.
    private static func seconds(_ microseconds: Int) -> String {
        var text: [UInt8] = []
        text.append(decimal: microseconds, fractionDigits: 6)
        while text.last == UInt8(ascii: "0") { text.removeLast() }
        if text.last == UInt8(ascii: ".") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func begin(_ suffix: String, _ labels: [(String, String)]) {
        bytes.append(text: name)
        bytes.append(text: suffix)
        if !labels.isEmpty {
            for (i, label) in labels.enumerated() {
                bytes.append(UInt8(ascii: i == 0 ? "{" : ","))
                bytes.append(text: label.0)
                bytes.append(text: "=\"")
                escape(label.1, quote: true)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }

    /// Escapes backslash and line feed, and in label values the double quote.
    private mutating func escape(_ text: String, quote: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(text: #"\\"#)
            case UInt8(ascii: "\n"): bytes.append(text: #"\n"#)
            case UInt8(ascii: "\"") where quote: bytes.append(text: #"\""#)
            default: bytes.append(byte)
            }
        }
    }
}
