internal import Bytes
internal import Catalog
internal import HTTP1

/// What a request's path names.
enum Route: Hashable {
    case generateUploadLink
    /// `nil` when the path's last part is not a UUID: such a link cannot exist.
    case uploadImages(LinkID?)
    /// `nil` when the path's last part is not an image id.
    case image(BlobID?)
    case stats
    case statsDetails
    case openAPIJSON
    case openAPIYAML
    case health
    case readiness
    case metrics
    case page
    /// A file of the page, whether or not there is one of that name.
    case pageFile
    case docs
    /// A file of the docs, whether or not there is one of that name.
    case docsFile
    case unknown

    private static let imagePrefix = Array("/api/images/".utf8)
    private static let uploadPrefix = Array("/api/upload-images/".utf8)
    private static let pagePrefix = Array("/page/".utf8)
    private static let docsPrefix = Array("/docs/".utf8)

    /// Reads a path, byte for byte: no other spelling of it means the same.
    ///
    /// - Parameter path: the path as it was sent, without the query.
    init(path: Span<UInt8>) {
        if path.starts(with: Self.imagePrefix) {
            let rest = path.extracting(Self.imagePrefix.count..<path.count)
            self = Self.isOneSegment(rest) ? .image(BlobID(hex: rest)) : .unknown
            return
        }
        if path.starts(with: Self.uploadPrefix) {
            let rest = path.extracting(Self.uploadPrefix.count..<path.count)
            self = Self.isOneSegment(rest) ? .uploadImages(LinkID(text: rest)) : .unknown
            return
        }
        if path.starts(with: Self.pagePrefix) {
            self = .pageFile
            return
        }
        if path.starts(with: Self.docsPrefix) {
            self = .docsFile
            return
        }
        self = .unknown
        for fixed in Self.fixed where path.equals(fixed.path) { self = fixed.route }
    }

    private static let fixed = [
        ("/api/generate-upload-link", Route.generateUploadLink),
        ("/api/stats", .stats),
        ("/api/stats/details", .statsDetails),
        ("/openapi.json", .openAPIJSON),
        ("/openapi.yaml", .openAPIYAML),
        ("/healthz", .health),
        ("/readyz", .readiness),
        ("/metrics", .metrics),
        ("/", .page),
        ("/docs", .docs),
    ].map { (path: Array($0.0.utf8), route: $0.1) }

    private static func isOneSegment(_ rest: Span<UInt8>) -> Bool {
        !rest.isEmpty && rest.firstIndex(of: UInt8(ascii: "/")) == nil
    }

    /// The methods that it answers, besides OPTIONS.
    var methods: [Method] {
        switch self {
        case .generateUploadLink, .uploadImages: [.post]
        case .image, .stats, .statsDetails, .openAPIJSON, .openAPIYAML, .health, .readiness,
            .metrics, .page, .pageFile, .docs, .docsFile:
            [.get, .head]
        case .unknown: []
        }
    }

    /// The methods that it answers, as the value of `Allow`.
    var allow: String {
        (methods + [.options]).map(\.rawValue).joined(separator: ", ")
    }

    /// Whether it asks for a key.
    var needsKey: Bool {
        switch self {
        case .generateUploadLink, .uploadImages, .stats, .statsDetails, .metrics: true
        case .image, .openAPIJSON, .openAPIYAML, .health, .readiness, .page, .pageFile, .docs,
            .docsFile, .unknown:
            false
        }
    }

    /// Its name in the metrics, the same for every image and link.
    var metricRoute: MetricRoute {
        switch self {
        case .generateUploadLink: .generateUploadLink
        case .uploadImages: .uploadImages
        case .image: .image
        case .stats: .stats
        case .statsDetails: .statsDetails
        case .openAPIJSON, .openAPIYAML: .openAPI
        case .health: .health
        case .readiness: .readiness
        case .metrics: .metrics
        case .page, .pageFile: .page
        case .docs, .docsFile: .docs
        case .unknown: .other
        }
    }
}
