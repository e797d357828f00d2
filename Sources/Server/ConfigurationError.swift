internal import Bytes

/// A setting that cannot be used: what is wrong with it, and what would be right.
package struct ConfigurationError: Error, Hashable, Sendable {
    /// The name of the setting, or of the settings that contradict each other.
    package let setting: String
    /// What is wrong with it; never holds a key.
    package let problem: String
    /// What is accepted.
    package let accepted: String

    init(_ setting: Setting, _ problem: String, accepted: String? = nil) {
        self.setting = setting.name
        self.problem = problem
        self.accepted = accepted ?? setting.acceptedText
    }

    init(settings: String, _ problem: String, accepted: String) {
        setting = settings
        self.problem = problem
        self.accepted = accepted
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
    package var description: String { "\(setting) \(problem): set it to \(accepted)" }
}
