package import UV

/// Swagger UI's files, read from a directory once, when the server starts.
///
/// They are not part of the program or of the repository: `scripts/install-docs` takes them from a
/// package. Which names are read is fixed here, so that nothing else in that directory is ever
/// served, and no path that a client sends comes near a file system.
package struct DocsFiles: Sendable {
    /// The text of `swagger-ui.css`.
    package let styles: [UInt8]
    /// The text of `swagger-ui-bundle.js`.
    package let script: [UInt8]

    /// The names that they have in the directory.
    package static let stylesName = "swagger-ui.css"
    package static let scriptName = "swagger-ui-bundle.js"

    /// Bytes of one file.
    ///
    /// The script of Swagger UI 5 has 1.6 MB and grows slowly; whatever has more than five times
    /// that is something else, and would be held in memory for ever.
    package static let fileBytesMax = 8 << 20

    /// Reads them.
    ///
    /// - Parameters:
    ///   - directory: where they are.
    ///   - fileSystem: where that is.
    /// - Throws: `DocsFilesError`, which says what to do.
    package init(
        directory: String,
        fileSystem: any FileSystem = SystemFileSystem()
    ) throws(DocsFilesError) {
        styles = try Self.read(directory + "/" + Self.stylesName, fileSystem)
        script = try Self.read(directory + "/" + Self.scriptName, fileSystem)
    }

    private static func read(
        _ path: String,
        _ fileSystem: any FileSystem
    ) throws(DocsFilesError) -> [UInt8] {
        let status: FileStatus
        var bytes: [UInt8]
        let count: Int
        do throws(UVError) {
            // Looked at before it is opened: opening a pipe would wait for its other end.
            status = try fileSystem.status(of: path)
        } catch {
            throw DocsFilesError(path: path, problem: "cannot be read (\(error))")
        }
        guard status.kind == .file else {
            throw DocsFilesError(path: path, problem: "is not a regular file")
        }
        guard (1...UInt64(fileBytesMax)).contains(status.sizeBytes) else {
            let problem = "has \(status.sizeBytes) bytes, not 1 to \(fileBytesMax)"
            throw DocsFilesError(path: path, problem: problem)
        }
        bytes = [UInt8](repeating: 0, count: Int(status.sizeBytes))
        do throws(UVError) {
            let file = try fileSystem.open(path, [.read, .noFollow], permissions: 0)
            defer { fileSystem.close(file) }
            var span = bytes.mutableSpan
            count = try fileSystem.read(file, into: &span, at: 0)
        } catch {
            throw DocsFilesError(path: path, problem: "cannot be read (\(error))")
        }
        guard count == bytes.count else {
            throw DocsFilesError(path: path, problem: "became shorter while it was read")
        }
        return bytes
    }
}

/// Why `/docs` has no Swagger UI to show.
package struct DocsFilesError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let problem: String

    package var description: String {
        "\(path) \(problem): run scripts/install-docs, and set DOCS_DIR to the directory it fills"
    }
}
