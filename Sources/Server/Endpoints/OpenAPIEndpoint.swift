internal import HTTP1
internal import UV

/// `GET /openapi.json` and `/openapi.yaml`: the API's description.
enum OpenAPIEndpoint {
    // In memory once, for all clients: a slow one would otherwise keep a copy of its own.
    private static let json = OutputChunk(Array(OpenAPIDocument.json.utf8))
    private static let yaml = OutputChunk(Array(OpenAPIDocument.yaml.utf8))

    /// Serves a request.
    ///
    /// - Parameter exchange: the request; its route tells the form.
    static func serve(_ exchange: Exchange) {
        let isYAML = exchange.route == .openAPIYAML
        var response = Response(
            .ok,
            [(.contentType, isYAML ? "application/yaml" : "application/json")],
            body: .chunks([isYAML ? yaml : json])
        )
        response.add(.cacheControl, "no-cache")
        exchange.respond(response)
    }
}
