internal import Bytes
internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct DocsFilesTests {
    /// A disk with both files on it, of these sizes.
    private func disk(styles: Int, script: Int) throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        try files.makeDirectory("/docs", permissions: 0o755)
        for (name, count) in [(DocsFiles.stylesName, styles), (DocsFiles.scriptName, script)] {
            let file = try files.open("/docs/" + name, [.write, .create], permissions: 0o644)
            defer { files.close(file) }
            try files.write(file, [UInt8](repeating: 0x2F, count: count).span, at: 0)
        }
        return files
    }

    private func read(_ files: MemoryFileSystem) throws(DocsFilesError) -> DocsFiles {
        try DocsFiles(directory: "/docs", fileSystem: files)
    }

    @Test func `both files are read whole`() throws {
        let docs = try read(try disk(styles: 1, script: 70_000))
        #expect(docs.styles.count == 1)
        #expect(docs.script.count == 70_000)
    }

    @Test func `a file of the largest size is read, and one byte more is refused`() throws {
        let docs = try read(try disk(styles: DocsFiles.fileBytesMax, script: 1))
        #expect(docs.styles.count == DocsFiles.fileBytesMax)
        let files = try disk(styles: DocsFiles.fileBytesMax + 1, script: 1)
        let error = #expect(throws: DocsFilesError.self) { try read(files) }
        #expect(error?.path == "/docs/swagger-ui.css")
    }

    @Test func `an empty file is refused`() throws {
        let files = try disk(styles: 1, script: 0)
        let error = #expect(throws: DocsFilesError.self) { try read(files) }
        #expect(error?.path == "/docs/swagger-ui-bundle.js")
    }

    @Test func `a missing directory is refused with what to do`() throws {
        let error = #expect(throws: DocsFilesError.self) { try read(MemoryFileSystem()) }
        #expect(try #require(error).description.contains("run scripts/install-docs"))
    }
}
