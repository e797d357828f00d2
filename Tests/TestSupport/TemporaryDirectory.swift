package import UV

/// A directory of its own for one test, removed with all that is in it when the value goes.
package struct TemporaryDirectory: ~Copyable {
    /// Its absolute path.
    package let path: String
    private let files = SystemFileSystem()

    /// Makes an empty directory that only this user can read.
    ///
    /// - Throws: what `mkdir` answered; `EEXIST` would mean that 64 random bits met twice.
    package init() throws(UVError) {
        let name = UInt64.random(in: .min ... .max)
        path = "/tmp/image-service-test-" + String(name, radix: 16)
        try files.makeDirectory(path, permissions: 0o700)
    }

    /// Runs a test with an empty directory.
    ///
    /// - Parameter body: gets the path.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or what making the directory answered.
    package static func with<Value>(_ body: (_ path: String) throws -> Value) throws -> Value {
        let directory = try TemporaryDirectory()
        return try body(directory.path)
    }

    /// The path of something in the directory.
    ///
    /// - Parameter name: a name, or names joined by `/`.
    /// - Returns: the absolute path.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        // A test that took away the directory or its rights has nothing left to clean up.
        try? Self.remove(path, in: files)
    }

    private static func remove(_ path: String, in files: SystemFileSystem) throws(UVError) {
        // `status` does not follow a symbolic link, so nothing outside can be reached.
        guard try files.status(of: path).kind == .directory else {
            try files.remove(path)
            return
        }
        for name in try files.list(path) { try remove("\(path)/\(name)", in: files) }
        try files.removeDirectory(path)
    }
}
