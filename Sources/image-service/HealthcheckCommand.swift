internal import ArgumentParser
internal import Server

/// Asks a running service how it is, for containers without curl.
struct HealthcheckCommand: ParsableCommand {
    /// How long the whole check may take: Docker's own default for a check is 30 seconds, and a
    /// service that is well answers within milliseconds.
    static let timeoutMilliseconds: UInt64 = 3_000

    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask a running service whether it is well.",
        discussion: """
            Exit status 0 means that it answered with a status of 200 to 299, 1 that it did not.
            In a Dockerfile:
              HEALTHCHECK CMD ["image-service", "healthcheck"]

            Whether it takes uploads:
              image-service healthcheck --url http://127.0.0.1:8001/readyz
            """
    )

    @Option(
        help: ArgumentHelp(
            "What to ask; names other than localhost are not resolved."
                + " (default: http://127.0.0.1:$PORT/healthz)",
            valueName: "url"
        )
    )
    var url: String?

    func run() throws {
        let text =
            if let url { url } else { "http://127.0.0.1:\(try Configuration.port())/healthz" }
        guard let url = HealthURL(text) else {
            throw ValidationError(
                "'\(text)' cannot be asked: use http://, a numeric address or localhost, a port"
                    + " and a path."
            )
        }
        switch try HealthProbe.run(url, timeoutMilliseconds: Self.timeoutMilliseconds) {
        case .healthy: return
        case .unhealthy(let reason): throw Unhealthy(description: "\(text): \(reason)")
        }
    }

    private struct Unhealthy: Error, CustomStringConvertible {
        let description: String
    }
}
