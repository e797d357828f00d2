/// How log lines look.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For people: one line of words.
    case text
    /// For programs: one JSON object a line.
    case json
}
