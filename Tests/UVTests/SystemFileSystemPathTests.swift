import Glibc
import TestSupport
import Testing
import UV

@Suite struct SystemFileSystemPathTests {
    private let files = SystemFileSystem()

    @Test func `a new file has the permissions asked for and nobody inherits it`() throws {
        let directory = try TemporaryDirectory()
        let file = try files.open(directory.path("f"), [.write, .create], permissions: 0o600)
        defer { files.close(file) }
        let status = try files.status(of: file)
        #expect(status.kind == .file)
        #expect(status.permissions == 0o600)
        #expect(status.sizeBytes == 0)
        #expect(status.linkCount == 1)
        #expect(abs(status.modifiedSeconds - Int64(time(nil))) < 60)
        #expect(try files.status(of: directory.path("f")) == status)
        #expect(fcntl(file.raw, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `opening what does not exist is ENOENT`() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path("missing")
        for options: OpenOptions in [.read, .write, [.read, .write, .truncate]] {
            #expect(throws: UVError.notFound) { try files.open(missing, options, permissions: 0) }
        }
        #expect(throws: UVError.notFound) {
            try files.open("\(missing)/f", [.write, .create], permissions: 0o600)
        }
    }

    @Test func `exclusive creation of what exists is EEXIST, also of a dangling link`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("f")
        try create(path)
        #expect(throws: UVError.exists) {
            try files.open(path, [.write, .create, .exclusive], permissions: 0o600)
        }
        let link = directory.path("link")
        try makeSymbolicLink(to: directory.path("nowhere"), at: link)
        #expect(throws: UVError.exists) {
            try files.open(link, [.write, .create, .exclusive], permissions: 0o600)
        }
        #expect(throws: UVError.notFound) { try files.status(of: directory.path("nowhere")) }
    }

    @Test func `creation without exclusive opens what exists, truncate empties it`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("f")
        try create(path, [1, 2, 3])
        files.close(try files.open(path, [.write, .create], permissions: 0o600))
        #expect(try files.status(of: path).sizeBytes == 3)
        files.close(try files.open(path, [.write, .truncate], permissions: 0))
        #expect(try files.status(of: path).sizeBytes == 0)
    }

    @Test func `a symbolic link is ELOOP with noFollow and followed without`() throws {
        let directory = try TemporaryDirectory()
        try create(directory.path("f"), [1])
        let link = directory.path("link")
        try makeSymbolicLink(to: "f", at: link)
        #expect(throws: UVError.symbolicLinkLoop) {
            try files.open(link, [.read, .noFollow], permissions: 0)
        }
        files.close(try files.open(link, .read, permissions: 0))
        #expect(try files.status(of: link).kind == .symbolicLink)
    }

    @Test func `a file opened as a directory is ENOTDIR`() throws {
        let directory = try TemporaryDirectory()
        try create(directory.path("f"))
        #expect(throws: UVError.notDirectory) {
            try files.open(directory.path("f"), [.read, .directory], permissions: 0)
        }
        #expect(throws: UVError.notDirectory) { try files.status(of: directory.path("f/below")) }
        #expect(throws: UVError.notDirectory) { try files.list(directory.path("f")) }
        #expect(throws: UVError.isDirectory) {
            try files.open(directory.path, .write, permissions: 0)
        }
    }

    @Test func `a status tells directories and devices from files`() throws {
        let directory = try TemporaryDirectory()
        let status = try files.status(of: directory.path)
        #expect(status.kind == .directory)
        #expect(status.permissions == 0o700)
        #expect(try files.status(of: "/dev/null").kind == .other)
        #expect(throws: UVError.notFound) { try files.status(of: directory.path("missing")) }
    }

    @Test func `a link is a second name of the same file`() throws {
        let directory = try TemporaryDirectory()
        let (old, new) = (directory.path("old"), directory.path("new"))
        try create(old, [1])
        try files.link(old, to: new)
        let status = try files.status(of: new)
        #expect(status == (try files.status(of: old)))
        #expect(status.linkCount == 2)
        #expect(throws: UVError.exists) { try files.link(old, to: new) }
        #expect(throws: UVError.notFound) {
            try files.link(directory.path("missing"), to: directory.path("other"))
        }
        try files.remove(old)
        #expect(try files.status(of: new).linkCount == 1)
    }

    @Test func `renaming replaces what stood at the new name`() throws {
        let directory = try TemporaryDirectory()
        let (old, new) = (directory.path("old"), directory.path("new"))
        try create(old, [1])
        try create(new, [1, 2])
        let inode = try files.status(of: old).inode
        try files.rename(old, to: new)
        #expect(try files.status(of: new).inode == inode)
        #expect(throws: UVError.notFound) { try files.rename(old, to: new) }
    }

    @Test func `removing takes names of files only`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("f")
        try create(path)
        try files.remove(path)
        #expect(throws: UVError.notFound) { try files.remove(path) }
        try files.makeDirectory(directory.path("d"), permissions: 0o700)
        #expect(throws: UVError.isDirectory) { try files.remove(directory.path("d")) }
    }

    @Test func `directories are made once and removed when empty`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("d")
        try files.makeDirectory(path, permissions: 0o700)
        #expect(try files.status(of: path).permissions == 0o700)
        #expect(throws: UVError.exists) { try files.makeDirectory(path, permissions: 0o700) }
        #expect(throws: UVError.notFound) {
            try files.makeDirectory(directory.path("missing/d"), permissions: 0o700)
        }
        try create("\(path)/f")
        #expect(throws: UVError.notEmpty) { try files.removeDirectory(path) }
        try files.remove("\(path)/f")
        try files.removeDirectory(path)
        #expect(throws: UVError.notFound) { try files.removeDirectory(path) }
        try create(path)
        #expect(throws: UVError.notDirectory) { try files.removeDirectory(path) }
    }

    @Test(arguments: [0, 1, 1_000])
    func `listing gives every name once, without the dots`(count: Int) throws {
        let directory = try TemporaryDirectory()
        let names = (0..<count).map { "name \($0) ü" }
        for name in names { try create(directory.path(name)) }
        #expect(try files.list(directory.path).sorted() == names.sorted())
        #expect(throws: UVError.notFound) { try files.list(directory.path("missing")) }
    }

    @Test func `a temporary directory goes with all that is in it and nothing besides`() throws {
        let outside = try TemporaryDirectory()
        try create(outside.path("kept"))
        var path = ""
        do {
            let directory = try TemporaryDirectory()
            path = directory.path
            try files.makeDirectory(directory.path("d"), permissions: 0o700)
            try create(directory.path("d/f"))
            try makeSymbolicLink(to: outside.path, at: directory.path("link"))
        }
        #expect(throws: UVError.notFound) { try files.status(of: path) }
        #expect(try files.list(outside.path) == ["kept"])
    }

    private func create(_ path: String, _ bytes: [UInt8] = []) throws {
        let file = try files.open(path, [.write, .create, .exclusive], permissions: 0o600)
        defer { files.close(file) }
        try files.write(file, bytes.span, at: 0)
    }
}
