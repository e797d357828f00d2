internal import BlobStore
internal import Catalog
@testable internal import Server
internal import TestSupport
internal import Testing
internal import UV

@Suite struct DataDirectoryTests {
    /// The error for a directory that cannot be used, or `nil` when it was opened (and closed).
    private func error(
        _ path: String,
        on files: any FileSystem,
        creates: Bool = true
    ) -> ServerError? {
        do throws(ServerError) {
            try DataDirectory(path, fileSystem: files, creates: creates).close()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["/data", "/a/b/c", "/a/b/c/", "/a//b", "/a//b//"])
    func `a directory that does not exist is made, with its parents, for this user alone`(
        path: String
    ) throws {
        let files = MemoryFileSystem()
        #expect(error(path, on: files) == nil)
        #expect(try files.status(of: path).permissions & 0o777 == 0o700)
        #expect(try files.status(of: path + "/lock").permissions & 0o777 == 0o600)
        // And is found the next time.
        #expect(error(path, on: files) == nil)
        #expect(files.openFileCount == 0)
    }

    /// The process is killed at each operation in turn; the next one finds the directory in the
    /// cache, and the power fails after it has opened it.
    @Test(arguments: ["/data", "/a/b/c"])
    func `a directory that was opened is durable, wherever its maker was killed`(
        path: String
    ) throws {
        var killCount = 0
        for number in 0... {
            let files = MemoryFileSystem()
            files.fail(.from(number))
            let isMade = error(path, on: files) == nil
            files.crash(.everything)
            #expect(error(path, on: files) == nil)
            files.crash(.nothing)
            #expect(try files.status(of: path).kind == .directory, "killed at \(number)")
            if isMade { break }
            killCount += 1
        }
        #expect(killCount > 4)
    }

    @Test func `a directory is used although its parent is another user's and hidden`() throws {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let hidden = HiddenParent(base: files, path: "/")
        #expect(error("/data", on: hidden) == nil)
        // Whoever makes it there cannot promise that it stays.
        #expect(error("/other", on: hidden)?.message.contains("EACCES") == true)
    }

    /// A directory that may be entered, and not listed.
    private struct HiddenParent: ForwardingFileSystem {
        let base: any FileSystem
        let path: String

        func open(
            _ path: String,
            _ options: OpenOptions,
            permissions: UInt32
        ) throws(UVError) -> FileDescriptor {
            if path == self.path { throw .accessDenied }
            return try base.open(path, options, permissions: permissions)
        }
    }

    @Test(arguments: ["new", "new/", "deep/er/and/deeper", "deep/er/", "with//two"])
    func `the system's own files agree`(name: String) throws {
        try TemporaryDirectory.with { path in
            #expect(error("\(path)/\(name)", on: SystemFileSystem()) == nil)
            #expect(error("\(path)/\(name)", on: SystemFileSystem()) == nil)
        }
    }

    @Test func `a second process is refused, and told what to do`() throws {
        try TemporaryDirectory.with { path in
            let first = try DataDirectory(path)
            let refusal = try #require(error(path, on: SystemFileSystem()))
            #expect(refusal.code == .dataDirectory)
            #expect(refusal.message.contains("in use by another process"))
            #expect(refusal.message.contains(path))
            #expect(refusal.message.contains("DATA_DIR"))
            first.close()
            #expect(error(path, on: SystemFileSystem()) == nil)
        }
    }

    @Test func `a second process is refused although somebody removed the lock's file`() throws {
        try TemporaryDirectory.with { path in
            let first = try DataDirectory(path)
            try SystemFileSystem().remove(path + "/lock")
            let refusal = try #require(error(path, on: SystemFileSystem()))
            #expect(refusal.message.contains("in use by another process"))
            first.close()
            #expect(error(path, on: SystemFileSystem()) == nil)
        }
    }

    @Test func `everything in it is for this user alone`() throws {
        try TemporaryDirectory.with { path in
            let files = SystemFileSystem()
            let directory = try DataDirectory(path + "/data")
            let stores = try directory.openStores { _ in }
            let receipt = try stores.services.put(Picture.gif())
            try stores.catalog.commit(.sample(1))
            try stores.catalog.snapshot()
            var waiting = [path + "/data"]
            var kinds: Set<FileStatus.Kind> = []
            while let next = waiting.popLast() {
                let status = try files.status(of: next)
                kinds.insert(status.kind)
                #expect(
                    status.permissions == (status.kind == .directory ? 0o700 : 0o600),
                    "\(next)"
                )
                guard status.kind == .directory else { continue }
                waiting += try files.list(next).map { next + "/" + $0 }
            }
            #expect(kinds == [.directory, .file])
            stores.blobs.confirm(receipt)
            try stores.catalog.close()
            stores.blobs.close()
            directory.close()
        }
    }

    @Test func `maintenance makes no directory where there is none`() throws {
        let files = MemoryFileSystem()
        let refusal = try #require(error("/data", on: files, creates: false))
        #expect(refusal.code == .dataDirectory)
        #expect(refusal.message.contains("ENOENT"))
        #expect(try files.list("/") == [])
    }

    @Test func `a path that is no directory is refused with its name and what to set`() throws {
        try TemporaryDirectory.with { path in
            let files = SystemFileSystem()
            let file = try files.open(path + "/file", [.write, .create], permissions: 0o600)
            files.close(file)
            for name in ["/file", "/file/below"] {
                let refusal = try #require(error(path + name, on: files))
                #expect(refusal.code == .dataDirectory)
                #expect(refusal.message.contains(path + name))
                #expect(refusal.message.contains("set DATA_DIR"))
            }
        }
    }

    @Test func `a lock that is a symbolic link is not followed`() throws {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        try files.plantSymbolicLink(at: "/data/lock")
        #expect(error("/data", on: files)?.code == .dataDirectory)
        #expect(files.openFileCount == 0)
    }

    @Test func `a damaged catalog is refused with the command that repairs it`() throws {
        let files = MemoryFileSystem()
        let directory = try DataDirectory("/data", fileSystem: files)
        let stores = try directory.openStores { _ in }
        try stores.catalog.commit(.sample(1), .sample(2))
        try stores.catalog.close()
        stores.blobs.close()
        var bytes = try #require(files.content(of: "/data/snapshot"))
        bytes[bytes.count / 2] ^= 1
        try files.remove("/data/snapshot")
        try files.plant(bytes, at: "/data/snapshot")
        do throws(ServerError) {
            _ = try directory.openStores { _ in }
            Issue.record("a damaged snapshot was taken")
        } catch {
            #expect(error.code == .damaged)
            #expect(error.message.contains("image-service rebuild"))
        }
        directory.close()
        #expect(files.openFileCount == 0)
    }

    /// A new catalog there would hide them all.
    @Test func `images without a catalog are refused, also when one operation fails`() throws {
        let files = MemoryFileSystem()
        try files.keepOneImage(in: "/data")
        for name in try files.list("/data")
        where name == "snapshot" || name.hasPrefix("journal-") {
            try files.remove("/data/" + name)
        }
        for number in 0... {
            let directory = try DataDirectory("/data", fileSystem: files)
            files.fail(.only(number))
            #expect(throws: ServerError.self) { _ = try directory.openStores { _ in } }
            let isOver = files.askedCount <= number
            files.fail(nil)
            directory.close()
            let names = try files.list("/data")
            #expect(!names.contains { $0.hasPrefix("journal-") }, "operation \(number) failed")
            if isOver { break }
        }
    }

    @Test func `what an unfinished upload left is removed, and the log says so`() throws {
        let files = MemoryFileSystem()
        let directory = try DataDirectory("/data", fileSystem: files)
        var stores = try directory.openStores { _ in }
        try stores.catalog.close()
        stores.blobs.close()
        let name = BlobLayout(dataDirectory: "/data").path(of: IncomingName())
        try files.plant([1, 2, 3], at: name)
        let lines = Lock<[String]>([])
        stores = try directory.openStores { line in lines.withLock { $0.append(line) } }
        #expect(
            lines.withLock { $0 } == [
                "removed what 1 unfinished uploads had left, "
                    + "0 images among it that nobody was told of"
            ]
        )
        #expect(try files.list("/data/incoming") == [])
        try stores.catalog.close()
        stores.blobs.close()
        directory.close()
    }
}
