internal import UV

/// A setting as a user sees it: its name in the environment, its option, what it accepts.
///
/// `Setting.all` is the one table: the reader of the configuration, `--help` and the README's table
/// are made from it or held against it.
package struct Setting: Sendable {
    /// The name of the environment variable.
    package let name: String
    /// What applies when it is not given.
    package let fallback: Fallback
    /// What it accepts.
    package let values: Values
    /// What it does, in one sentence.
    package let help: String

    /// What applies when a setting is not given.
    package enum Fallback: Hashable, Sendable {
        /// This text, read like a given one.
        case value(String)
        /// As many as the process may use processor cores.
        case availableCores
        /// Nothing.
        case nothing
    }

    /// What a setting accepts.
    package enum Values: Hashable, Sendable {
        /// Whole decimal numbers of the range.
        case integer(ClosedRange<Int>, Unit)
        /// One of these words.
        case word([String])
        /// Text; the words say of what kind.
        case text(String)
        /// Text that is never shown.
        case secret(String)
    }

    /// What a number counts.
    package enum Unit: String, Sendable {
        case bytes, seconds
        case bytesPerSecond = "bytes a second"
        /// Nothing that has a unit.
        case none = ""
    }

    init(_ name: String, _ fallback: Fallback, _ values: Values, help: String) {
        self.name = name
        self.fallback = fallback
        self.values = values
        self.help = help
    }

    /// The name of the option without its dashes, `max-file-bytes` for `MAX_FILE_BYTES`.
    package var optionName: String {
        String(
            decoding: name.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 | 0x20 },
            as: UTF8.self
        )
    }

    /// The option as it is typed, `--max-file-bytes`.
    package var option: String { "--" + optionName }

    /// The unit as a word, empty when there is none.
    package var unit: String {
        switch values {
        case .integer(_, let unit): unit.rawValue
        case .word, .text, .secret: ""
        }
    }

    /// The default as a user reads it, empty when there is none.
    package var defaultText: String {
        switch fallback {
        case .value(let text): text
        case .availableCores: "the cores available"
        case .nothing: ""
        }
    }

    /// What is accepted, as a user reads it.
    package var acceptedText: String {
        switch values {
        case .integer(let range, _): "\(range.lowerBound) to \(range.upperBound)"
        case .word(let words): words.joined(separator: ", ")
        case .text(let description), .secret(let description): description
        }
    }

    /// What stands for the value in `--help`.
    package var valueName: String {
        switch values {
        case .integer(_, .bytes), .integer(_, .bytesPerSecond): "bytes"
        case .integer(_, .seconds): "seconds"
        case .integer(_, .none): "number"
        case .word: "word"
        case .text: "text"
        case .secret: "secret"
        }
    }

    /// What stands beside the option in `--help`.
    package var helpText: String {
        let unit = unit.isEmpty ? "" : " \(unit)"
        let fallback = defaultText.isEmpty ? "" : "; default: \(defaultText)\(unit)"
        return "\(help) (\(name)\(fallback); accepts \(acceptedText))"
    }

    /// The setting's line in the README's table.
    package var markdownRow: String {
        let fallback = defaultText.isEmpty ? "–" : "`\(defaultText)`"
        let unit = unit.isEmpty ? "–" : unit
        return "| `\(name)` | `\(option)` | \(fallback) | \(unit) | \(acceptedText) | \(help) |"
    }
}
