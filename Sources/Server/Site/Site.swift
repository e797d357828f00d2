internal import Bytes

/// What people look at in a browser: the page and the docs, all in memory.
///
/// The page's own files stand in the folder `Page`; SwiftPM carries them in the program as
/// `PackageResources`, so that there is nothing to install beside it. A file that is new there is
/// served when it is listed here.
struct Site: Sendable {
    private let files: [(path: [UInt8], file: StaticFile)]

    /// Puts the site together.
    ///
    /// - Parameter docs: Swagger UI, if it is installed.
    init(docs: DocsFiles?) {
        let all = Self.page + (docs.map(Self.docs) ?? Self.docsWithoutSwaggerUI)
        files = all.map { (Array($0.utf8), $1) }
    }

    /// Finds a file.
    ///
    /// - Parameter path: the path of a request, as it was sent.
    /// - Returns: the file; `nil` when there is none.
    /// - Complexity: O(n) in the number of files, two dozen.
    func file(at path: Span<UInt8>) -> StaticFile? {
        files.first { path.equals($0.path) }?.file
    }

    private static var page: [(String, StaticFile)] {
        [
            ("/", StaticFile(PackageResources.page_html, .html, .page)),
            ("/page/icon.svg", StaticFile(PackageResources.icon_svg, .svg)),
            ("/page/base.css", StaticFile(PackageResources.base_css, .css)),
            ("/page/page.css", StaticFile(PackageResources.page_css, .css)),
            ("/page/charts.css", StaticFile(PackageResources.charts_css, .css)),
            ("/page/main.js", StaticFile(PackageResources.main_js, .javascript)),
            ("/page/session.js", StaticFile(PackageResources.session_js, .javascript)),
            ("/page/problem.js", StaticFile(PackageResources.problem_js, .javascript)),
            ("/page/api.js", StaticFile(PackageResources.api_js, .javascript)),
            ("/page/queue.js", StaticFile(PackageResources.queue_js, .javascript)),
            ("/page/intake.js", StaticFile(PackageResources.intake_js, .javascript)),
            ("/page/row.js", StaticFile(PackageResources.row_js, .javascript)),
            ("/page/stats.js", StaticFile(PackageResources.stats_js, .javascript)),
            ("/page/daychart.js", StaticFile(PackageResources.daychart_js, .javascript)),
            ("/page/barchart.js", StaticFile(PackageResources.barchart_js, .javascript)),
            ("/page/dom.js", StaticFile(PackageResources.dom_js, .javascript)),
            ("/page/words.js", StaticFile(PackageResources.words_js, .javascript)),
        ]
    }

    private static func docs(_ swaggerUI: DocsFiles) -> [(String, StaticFile)] {
        [
            ("/docs", StaticFile(PackageResources.docs_html, .html, .docs)),
            ("/docs/docs.css", StaticFile(PackageResources.docs_css, .css)),
            ("/docs/docs.js", StaticFile(PackageResources.docs_js, .javascript)),
            ("/docs/swagger-ui.css", StaticFile(swaggerUI.styles, .css)),
            ("/docs/swagger-ui-bundle.js", StaticFile(swaggerUI.script, .javascript)),
        ]
    }

    private static var docsWithoutSwaggerUI: [(String, StaticFile)] {
        let mark = Array("<!-- the API document -->".utf8)
        let page = PackageResources.docs_missing_html
        guard let start = page.span.firstIndex(of: mark) else {
            preconditionFailure("docs-missing.html has no place for the API document")
        }
        var html = Array(page[..<start])
        html.append(escapingHTML: OpenAPIDocument.yaml)
        html += page[(start + mark.count)...]
        return [("/docs", StaticFile(html, .html, .page))]
    }
}

extension Array where Element == UInt8 {
    /// Appends text as the content of an HTML element (HTML standard, "Escaping a string").
    ///
    /// - Parameter text: the text.
    mutating func append(escapingHTML text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append(text: "&amp;")
            case UInt8(ascii: "<"): append(text: "&lt;")
            case UInt8(ascii: ">"): append(text: "&gt;")
            default: append(byte)
            }
        }
    }
}
