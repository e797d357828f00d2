internal import HTTP1

/// `GET /openapi.json` and `/openapi.yaml`: the API's description.
enum OpenAPIEndpoint {
    /// Serves a request.
    ///
    /// - Parameter exchange: the request; its route tells the form.
    static func serve(_ exchange: Exchange) {
        let isYAML = exchange.route == .openAPIYAML
        var response = Response(
            type: isYAML ? "application/yaml" : "application/json",
            Array((isYAML ? OpenAPIDocument.yaml : OpenAPIDocument.json).utf8)
        )
        response.add(.cacheControl, "no-cache")
        exchange.respond(response)
    }
}
