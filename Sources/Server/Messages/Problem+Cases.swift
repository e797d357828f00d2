internal import HTTP1

/// The problems that endpoints answer with, each written once.
extension Problem {
    static var unauthorized: Problem {
        Problem(
            .unauthorized,
            "Send a valid key in the header x-api-key.",
            fields: [.authenticate(#"ApiKey realm="image-service", header="x-api-key""#)]
        )
    }

    static var unauthorizedForMetrics: Problem {
        Problem(
            .unauthorized,
            "Send a valid key in the header x-api-key, or as Authorization: Bearer.",
            fields: [.authenticate(#"Bearer realm="image-service""#)]
        )
    }

    static var pathNotFound: Problem {
        Problem(.notFound, "Nothing is at this path; /openapi.yaml lists what there is.")
    }

    static func methodNotAllowed(_ route: Route) -> Problem {
        let methods = (route.methods + [.options]).map(\.rawValue)
        return Problem(
            .methodNotAllowed,
            "Use one of the methods in Allow.",
            members: [.allowed(methods)],
            fields: [.allow(methods)]
        )
    }

    static var imageNotFound: Problem {
        Problem(.imageNotFound, "No image has this id; ids are 64 lower-case hexadecimal digits.")
    }

    static var linkNotFound: Problem {
        Problem(.linkNotFound, "This upload link does not exist; generate a new one.")
    }

    static var linkExpired: Problem {
        Problem(.linkExpired, "This upload link has expired; generate a new one.")
    }

    static var preconditionFailed: Problem {
        Problem(
            .preconditionFailed,
            "The image does not meet the conditions in the request's header."
        )
    }

    static func rangeNotSatisfiable(sizeBytes: UInt64) -> Problem {
        Problem(
            .rangeNotSatisfiable,
            "The image has \(sizeBytes) bytes; ask for a range within them.",
            fields: [.contentRange(unsatisfiedOf: sizeBytes)]
        )
    }

    static func invalidJSON(_ detail: String) -> Problem { Problem(.invalidJSON, detail) }

    static func invalidExpiry(maximum: Int64) -> Problem {
        Problem(
            .invalidExpiry,
            "expiry has to be a whole number of seconds from 1 to \(maximum)."
        )
    }

    static var notMultipart: Problem {
        Problem(
            .unsupportedMediaType,
            "Send the images as multipart/form-data, in parts named image_files.",
            members: [.allowed(["multipart/form-data"])]
        )
    }

    static func unsupportedImages(
        _ files: [(filename: String, reason: String)],
        isComplete: Bool
    ) -> Problem {
        Problem(
            .unsupportedImage,
            (files.count == 1 ? "A file is" : "\(files.count) files are")
                + " not in a supported image format; nothing of the request was kept"
                + (isComplete ? "." : ", and what came after was not looked at."),
            members: [.files(files.map { RefusedFile(filename: $0.filename, reason: $0.reason) })]
        )
    }

    static var noImageFiles: Problem {
        Problem(.noImageFiles, "Send at least one part named image_files with a file in it.")
    }

    static var filenameMissing: Problem {
        Problem(.filenameMissing, "Give each part named image_files a filename.")
    }

    static func bodyTooLarge(limitBytes: Int) -> Problem {
        Problem(
            .bodyTooLarge,
            "The request has more than \(limitBytes) bytes; send less at once.",
            members: [.limitBytes(limitBytes)]
        )
    }

    static func fileTooLarge(filename: String, limitBytes: Int) -> Problem {
        Problem(
            .fileTooLarge,
            "A file has more than \(limitBytes) bytes; send a smaller one.",
            members: [
                .limitBytes(limitBytes),
                .files([
                    RefusedFile(filename: filename, reason: "It has more than \(limitBytes) bytes.")
                ]),
            ]
        )
    }

    static func tooManyFiles(limit: Int) -> Problem {
        Problem(
            .tooManyFiles,
            "The request has more than \(limit) files; send them in several requests.",
            members: [.limitFiles(limit)]
        )
    }

    static var lengthRequired: Problem {
        Problem(.lengthRequired, "Send Content-Length, or Transfer-Encoding: chunked.")
    }

    static var bodyEndsEarly: Problem {
        Problem(.invalidHTTP, "The connection ended before the body did; send it again.")
    }

    static var headTimeout: Problem {
        Problem(.requestTimeout, "The request's header did not arrive in time; send it again.")
    }

    static var bodyTimeout: Problem {
        Problem(.requestTimeout, "The body did not arrive in time, or too slowly; send it again.")
    }

    static var tooManyConnections: Problem {
        unavailable(.tooManyConnections, "Too many connections are open; try again soon.")
    }

    static var tooManyUploads: Problem {
        unavailable(.tooManyUploads, "Too many uploads are under way; try again soon.")
    }

    static var outOfMemory: Problem {
        unavailable(
            .outOfMemory,
            "The server has no memory for this now; nothing of it was kept, so try again soon."
        )
    }

    static var shuttingDown: Problem {
        unavailable(.shuttingDown, "The server is shutting down; try again soon.")
    }

    static var notReady: Problem {
        unavailable(.notReady, "The server is not ready; try again soon.")
    }

    static var dataNotWritable: Problem {
        unavailable(.notReady, "The data directory cannot be written; the server's log says why.")
    }

    static var storageFull: Problem {
        Problem(.storageFull, "The disk is full; nothing of the request was kept.")
    }

    static var storageFailed: Problem {
        Problem(
            .storageFailed,
            "The storage failed; the server's log says more under this request id."
        )
    }

    static var openFilesExhausted: Problem {
        unavailable(.tooManyUploads, "Too many files are open; try again soon.")
    }

    /// Seconds that a client is asked to wait: long enough to spread a crowd, short enough to be of
    /// use.
    private static let retryAfterSeconds = 5

    private static func unavailable(_ code: ProblemCode, _ detail: String) -> Problem {
        Problem(code, detail, fields: [.retryAfter(seconds: retryAfterSeconds)])
    }
}
