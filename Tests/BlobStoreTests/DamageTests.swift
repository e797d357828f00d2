import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What happens when something else stands where the store's files should be.
@Suite struct DamageTests {
    private let content = bytes(3000, seed: 60)

    @Test(arguments: ["/data/incoming", "/data/blobs", "/data/blobs/7f"])
    func `a symbolic link in place of a directory is refused`(_ path: String) throws {
        let fileSystem = MemoryFileSystem()
        try fileSystem.makeDirectory("/data", permissions: 0o700)
        if path.hasPrefix("/data/blobs/") {
            try fileSystem.makeDirectory("/data/blobs", permissions: 0o700)
        }
        try fileSystem.plantSymbolicLink(at: path)
        #expect(
            code {
                try FileBlobStore(dataDirectory: "/data", fileSystem: fileSystem) { _ in }
            } == .corrupted
        )
    }

    @Test func `a symbolic link in place of a blob is not followed, and replaced`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let id = try sealedID(driver)
            try disk.fileSystem.plantSymbolicLink(at: disk.layout.path(of: id))
            #expect(code { try driver.calls.open(id) } == .corrupted)
            #expect(code { try driver.calls.stat(id) } == .corrupted)
            let receipt = try driver.calls.put(content)
            #expect(try driver.calls.content(id) == content)
            driver.files.confirm(receipt)
            try driver.calls.settle()
            #expect(try disk.incoming().isEmpty)
        }
    }

    @Test(arguments: [0, 1, 2999, 3001])
    func `a blob of another size is replaced by the next put`(_ size: Int) throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let id = try sealedID(driver)
            try disk.fileSystem.plant(bytes(size, seed: 61), at: disk.layout.path(of: id))
            let receipt = try driver.calls.put(content)
            #expect(try driver.calls.content(id) == content)
            // It was there before, so it is not this put's to take away.
            driver.files.revoke(receipt)
            try driver.calls.settle()
            #expect(try driver.calls.content(id) == content)
            #expect(try disk.incoming().isEmpty)
        }
    }

    @Test func `a directory in place of a blob fails the put and leaves nothing`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let id = try sealedID(driver)
            try disk.fileSystem.makeDirectory(disk.layout.path(of: id), permissions: 0o700)
            #expect(code { try driver.calls.put([1], content) } == .corrupted)
            #expect(code { try driver.calls.open(id) } == .corrupted)
            #expect(try disk.incoming().isEmpty)
            #expect(try driver.calls.list() == [id])
        }
    }

    @Test func `a blob that has become shorter is not served short`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let id = try driver.calls.put(content).ids[0]
            let blob = try driver.calls.open(id)
            try disk.fileSystem.plant([1, 2, 3], at: disk.layout.path(of: id))
            #expect(try driver.calls.read(0..<3, of: blob) == [1, 2, 3])
            #expect(code { try driver.calls.read(0..<4, of: blob) } == .corrupted)
        }
    }

    private func sealedID(_ driver: TestDisk.Driver) throws -> BlobID {
        let blob = try driver.calls.sealed(content)
        defer { blob.discard() }
        return try blob.seal()
    }
}
