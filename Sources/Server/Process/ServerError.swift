internal import Catalog
internal import UV

/// Why the server, or a command on its data, could not start or go on.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    /// What a caller may branch on.
    package enum Code: String, Sendable {
        /// The address cannot be listened on.
        case address
        /// The data directory cannot be used.
        case dataDirectory
        /// The data is damaged.
        case damaged
        /// The system refused something else.
        case system
    }

    /// What a caller may branch on.
    package var code: Code
    /// One sentence that says what to do.
    package var message: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: what a caller may branch on.
    ///   - message: one sentence that says what to do.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Makes the error of a process that may not have the memory that it starts with.
    ///
    /// - Parameter cause: what the system said.
    /// - Returns: an error that names the limits.
    static func memory(_ cause: UVError) -> ServerError {
        ServerError(
            .system,
            "there is no room for the memory and the threads to start with (\(cause)): raise the "
                + "limits that `ulimit -v` and `ulimit -d` show"
        )
    }

    package var description: String { message }
}
