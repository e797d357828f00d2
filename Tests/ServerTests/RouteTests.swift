internal import Bytes
internal import Catalog
internal import HTTP1
@testable internal import Server
internal import Testing

@Suite struct RouteTests {
    private static let id = String(repeating: "0a", count: 32)
    private static let link = "2643772f-5cbd-4b72-bdfa-9a10c72c6fec"

    private func route(_ path: String) -> Route { Route(path: Array(path.utf8).span) }

    @Test(
        arguments: [
            ("/api/generate-upload-link", .generateUploadLink), ("/api/stats", .stats),
            ("/api/stats/details", .statsDetails), ("/openapi.json", .openAPIJSON),
            ("/openapi.yaml", .openAPIYAML), ("/healthz", .health), ("/readyz", .readiness),
            ("/metrics", .metrics),
        ] as [(String, Route)]
    )
    func `a path is known in this spelling and in no other`(path: String, expected: Route) {
        #expect(route(path) == expected)
        for other in [path + "/", path + "x", "/" + path, String(path.dropLast()), path + "%20"] {
            // One path begins with another one.
            #expect(route(other) != expected, "\(other)")
        }
        #expect(route(path.uppercased()) == .unknown)
    }

    @Test func `an image is named by 64 lower-case digits, all else names none`() {
        #expect(route("/api/images/\(Self.id)") == .image(BlobID(hex: Self.id)))
        #expect(BlobID(hex: Self.id) != nil)
        let wrong = [
            Self.id.uppercased(), String(Self.id.dropLast()), Self.id + "0", "x",
            "%30a" + Self.id.dropFirst(2), Self.id + ".jpg", "..",
        ]
        for name in wrong { #expect(route("/api/images/\(name)") == .image(nil), "\(name)") }
        for path in ["/api/images/", "/api/images", "/api/images/\(Self.id)/", "/api/images/a/b"] {
            #expect(route(path) == .unknown, "\(path)")
        }
    }

    @Test func `a link is named by its UUID, all else names none`() {
        #expect(route("/api/upload-images/\(Self.link)") == .uploadImages(LinkID(text: Self.link)))
        #expect(LinkID(text: Self.link) != nil)
        #expect(route("/api/upload-images/\(Self.link.dropLast())") == .uploadImages(nil))
        #expect(route("/api/upload-images/\(Self.link)/") == .unknown)
        #expect(route("/api/upload-images/") == .unknown)
    }

    @Test func `only reading images and asking how it is goes without a key`() {
        let open: [Route] = [
            .image(nil), .openAPIJSON, .openAPIYAML, .health, .readiness, .unknown,
        ]
        let keyed: [Route] = [
            .generateUploadLink, .uploadImages(nil), .stats, .statsDetails, .metrics,
        ]
        #expect(open.allSatisfy { !$0.needsKey })
        #expect(keyed.allSatisfy { $0.needsKey })
    }

    @Test func `what is written is posted, what is read can be asked about`() {
        for route in [Route.generateUploadLink, .uploadImages(nil)] {
            #expect(route.methods == [.post])
            #expect(route.allow == "POST, OPTIONS")
        }
        for route in [Route.image(nil), .stats, .statsDetails, .health, .readiness, .metrics] {
            #expect(route.allow == "GET, HEAD, OPTIONS")
        }
        #expect(Route.unknown.allow == "OPTIONS")
    }

    @Test func `metrics name the endpoint and never the image or the link`() {
        let one = route("/api/images/\(Self.id)").metricRoute
        #expect(one == route("/api/images/x").metricRoute)
        let names = [
            Route.generateUploadLink, .uploadImages(nil), .image(nil), .stats, .statsDetails,
            .openAPIJSON, .health, .readiness, .metrics, .unknown,
        ].map(\.metricRoute)
        #expect(Set(names).count == names.count)
        #expect(Route.openAPIJSON.metricRoute == Route.openAPIYAML.metricRoute)
    }
}
