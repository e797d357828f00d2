internal import Bytes

/// A setting that cannot be used: what is wrong with it, and what would be right.
package struct ConfigurationError: Error, Hashable, Sendable {
    /// The name of the setting, or of the settings that contradict each other.
    package let setting: String
    /// What is wrong with it; never holds a key.
    package let problem: String
    /// What to do about it, with what is accepted.
    package let advice: String

    init(_ setting: Setting, _ problem: String, advice: String? = nil) {
        self.init(named: setting.name, problem, advice: advice ?? setting.advice)
    }

    init(named name: String, _ problem: String, advice: String) {
        setting = name
        self.problem = problem
        self.advice = advice
    }

    /// As much of a value as a message shows, so that a pasted file does not fill the screen.
    private static let shownValueCharactersMax = 60

    /// Quotes a value for a message of one line.
    static func quoted(_ value: String) -> String {
        let isLong = value.count > shownValueCharactersMax
        var text: [UInt8] = []
        text.append(logQuoting: Array(value.prefix(shownValueCharactersMax).utf8).span)
        return String(decoding: text, as: UTF8.self) + (isLong ? "..." : "")
    }
}

extension ConfigurationError: CustomStringConvertible {
    package var description: String { "\(setting) \(problem): \(advice)" }
}

extension Setting {
    /// What to do when the value cannot be used.
    fileprivate var advice: String {
        switch values {
        case .integer(_, .none): "use a whole number from \(acceptedText)"
        case .integer(_, let unit): "use a whole number of \(unit.rawValue) from \(acceptedText)"
        case .word: "use one of \(acceptedText)"
        case .text, .secret: "use \(acceptedText)"
        }
    }
}
