package import UV

/// Why the store could not do what it was asked.
package struct BlobStoreError: Error, Sendable {
    /// What the caller may branch on.
    package enum Code: String, Sendable, CaseIterable {
        /// No blob has that id.
        case notFound
        /// What stands under the id is not what was put there.
        case corrupted
        /// The disk or the quota is full.
        case noSpace
        /// The process or the system has no file descriptor left; may pass.
        case tooManyOpenFiles
        /// The process has no memory for a piece of a file; may pass.
        case outOfMemory
        /// The blob is claimed by an upload under way and cannot be removed now.
        case inUse
        /// The incoming blob was discarded before.
        case discarded
        /// The system failed in another way.
        case io
    }

    /// What the caller may branch on.
    package var code: Code
    /// One sentence for the log: what was being done, to what.
    package var message: String
    /// What the system said.
    package var cause: UVError?

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: what the caller may branch on.
    ///   - message: what was being done, to what; without a client's words in it.
    ///   - cause: what the system said.
    package init(_ code: Code, _ message: String, cause: UVError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Describes a failed call of the file system; the code follows from what the system said.
    ///
    /// - Parameters:
    ///   - message: what was being done, to what.
    ///   - cause: what the system said.
    init(_ message: String, _ cause: UVError) {
        self.init(Self.code(for: cause), message, cause: cause)
    }

    private static func code(for cause: UVError) -> Code {
        switch cause {
        case .notFound: .notFound
        case .noSpace, .quotaExceeded: .noSpace
        case .tooManyOpenFiles, .fileTableFull: .tooManyOpenFiles
        case .outOfMemory: .outOfMemory
        // In a directory of ours each of these says that something else stands where a blob should.
        case .symbolicLinkLoop, .isDirectory, .notDirectory: .corrupted
        default: .io
        }
    }
}

extension BlobStoreError: CustomStringConvertible {
    package var description: String {
        cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}
