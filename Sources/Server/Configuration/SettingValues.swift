internal import UV

/// The given values of the settings, with those of the command line before those of the
/// environment.
///
/// Reads one value at a time and says what is wrong with it; which settings there are and what they
/// mean is `Configuration`'s.
struct SettingValues {
    private let environment: [String: String]
    private let options: [String: String]

    /// Takes the given values.
    ///
    /// - Parameters:
    ///   - environment: value by name, other variables too.
    ///   - options: value by the name that the setting has in the environment.
    init(environment: [String: String], options: [String: String]) {
        precondition(
            options.keys.allSatisfy { name in Setting.all.contains { $0.name == name } },
            "every option is a setting"
        )
        self.environment = environment
        self.options = options
    }

    /// What was given, if anything.
    func given(_ setting: Setting) -> String? {
        options[setting.name] ?? environment[setting.name]
    }

    /// What was given, or else the default.
    func text(_ setting: Setting) -> String {
        if let given = given(setting) { return given }
        return switch setting.fallback {
        case .value(let text): text
        case .availableCores: "\(min(availableParallelism, Self.workersMax))"
        case .nothing: ""
        }
    }

    /// More cores than `WORKERS` accepts do not make the default an error.
    private static let workersMax = 256

    /// Reads a whole number: decimal digits and nothing else, so that `10MB`, `1e6`, `+5` and ` 5`
    /// are refused rather than guessed at.
    func integer(_ setting: Setting) throws(ConfigurationError) -> Int {
        guard case .integer(let range, _) = setting.values else {
            preconditionFailure("\(setting.name) is no number")
        }
        let text = text(setting)
        guard !text.isEmpty else { throw ConfigurationError(setting, "is empty") }
        let zero = UInt8(ascii: "0")
        guard text.utf8.allSatisfy({ (zero...zero + 9).contains($0) }) else {
            let shown = ConfigurationError.quoted(text)
            throw ConfigurationError(setting, "is \(shown), which is not a whole number")
        }
        // Digits that do not fit an `Int` are out of every range.
        guard let value = Int(text), range.contains(value) else {
            let shown = ConfigurationError.quoted(text)
            throw ConfigurationError(setting, "is \(shown), which is out of range")
        }
        return value
    }

    /// Reads one of a setting's words.
    func word(_ setting: Setting) throws(ConfigurationError) -> String {
        guard case .word(let words) = setting.values else {
            preconditionFailure("\(setting.name) is no word")
        }
        let text = text(setting)
        guard words.contains(text) else {
            throw ConfigurationError(setting, "is \(ConfigurationError.quoted(text))")
        }
        return text
    }

    /// Reads a path.
    ///
    /// - Parameters:
    ///   - setting: the setting.
    ///   - limitBytes: how long it may be.
    /// - Returns: the path.
    /// - Throws: `ConfigurationError`, when it is empty, too long, or holds a NUL.
    func path(_ setting: Setting, limitBytes: Int) throws(ConfigurationError) -> String {
        let text = text(setting)
        guard !text.isEmpty else { throw ConfigurationError(setting, "is empty") }
        guard text.utf8.count <= limitBytes else {
            throw ConfigurationError(
                setting,
                "has \(text.utf8.count) bytes",
                advice: "use a path of at most \(limitBytes) bytes"
            )
        }
        // The environment and the arguments end at a NUL, but a caller's dictionary may hold one.
        guard !text.utf8.contains(0) else { throw ConfigurationError(setting, "holds a NUL") }
        return text
    }
}
