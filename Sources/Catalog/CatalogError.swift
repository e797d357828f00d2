package import UV

/// Why the catalog could not do what it was asked.
package struct CatalogError: Error, Hashable, Sendable {
    /// What a caller may branch on.
    package enum Code: String, Sendable {
        /// The files on disk contradict themselves or each other; the message names the repair.
        case damaged
        /// The disk or the quota is full.
        case noSpace
        /// The disk failed otherwise.
        case io
        /// A limit of the catalog is reached.
        case full
        /// More images in one request than one entry of the journal holds.
        case tooManyImages
        /// The catalog was closed before.
        case closed
    }

    /// What a caller may branch on.
    package let code: Code
    /// One sentence for the log: what was being done, to what.
    package let message: String
    /// What the system said, if it was the system.
    package let cause: UVError?

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: what a caller may branch on.
    ///   - message: what was being done, to what.
    ///   - cause: what the system said.
    package init(_ code: Code, _ message: String, cause: UVError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Turns a failed file operation into words.
    ///
    /// - Parameters:
    ///   - message: what was being done, to what.
    ///   - cause: what the system said, from which the code follows.
    /// - Returns: the error, `.noSpace` for a full disk or quota, otherwise `.io`.
    static func failed(_ message: String, _ cause: UVError) -> CatalogError {
        switch cause {
        case .noSpace, .quotaExceeded: CatalogError(.noSpace, message, cause: cause)
        case .symbolicLinkLoop:
            CatalogError(
                .io,
                message + ": it is a symbolic link, and none is followed in the data directory; "
                    + "put the file itself in its place",
                cause: cause
            )
        default: CatalogError(.io, message, cause: cause)
        }
    }

    /// Describes damage so that the reader of the message knows what to do next.
    ///
    /// - Parameters:
    ///   - what: what is wrong there.
    ///   - path: the file.
    ///   - offset: where in the file, in bytes.
    /// - Returns: the error.
    static func damaged(_ what: String, in path: String, at offset: UInt64) -> CatalogError {
        CatalogError(.damaged, "\(path): \(what) at offset \(offset); " + repair(path))
    }

    /// A file that a newer program wrote: rebuilding would throw away what only that one can read.
    static func unknownVersion(_ version: UInt32, in path: String) -> CatalogError {
        CatalogError(
            .damaged,
            "\(path): format version \(version) at offset 8, which this program does not know; "
                + "if a newer image-service wrote it, use that one; if not, the file is damaged: "
                + repair(path)
        )
    }

    private static func repair(_ path: String) -> String {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return "run `image-service rebuild --data-dir \(directory)` to make the catalog anew"
    }
}

extension CatalogError: CustomStringConvertible {
    package var description: String {
        cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}
