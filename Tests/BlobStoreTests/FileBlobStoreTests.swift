import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What stands on the disk, and when.
@Suite struct FileBlobStoreTests {
    private let content = bytes(5000, seed: 50)

    @Test func `directories and files are the owner's alone`() throws {
        try TemporaryDirectory.with { path in
            let disk = SystemFileSystem()
            let store = try FileBlobStore(dataDirectory: path, fileSystem: disk) { _ in }
            defer { store.close() }
            let driver = try StoreDriver(store, on: Loop())
            let blob = try driver.sealed(content)
            let names = try disk.list(path + "/incoming")
            #expect(names.count == 1)
            for name in names {
                #expect(try disk.status(of: path + "/incoming/" + name).permissions == 0o600)
            }
            blob.discard()
            let layout = BlobLayout(dataDirectory: path)
            let id = try driver.put(content).ids[0]
            #expect(try disk.status(of: layout.path(of: id)).permissions == 0o600)
            for directory in ["/incoming", "/blobs", "/blobs/00", "/blobs/ff"] {
                #expect(try disk.status(of: path + directory).permissions == 0o700)
            }
        }
    }

    @Test func `opening again finds what was put`() throws {
        try TemporaryDirectory.with { path in
            var ids: [BlobID] = []
            for _ in 0..<2 {
                let store = try FileBlobStore(
                    dataDirectory: path,
                    fileSystem: SystemFileSystem()
                ) { _ in }
                let driver = try StoreDriver(store, on: Loop())
                for id in ids { #expect(try driver.content(id) == content) }
                let receipt = try driver.put(content)
                store.confirm(receipt)
                ids = receipt.ids
                store.close()
                #expect(try SystemFileSystem().list(path + "/incoming") == [])
            }
        }
    }

    @Test func `the temporary name stays until the put is settled`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let receipt = try driver.calls.put(content)
            #expect(try disk.incoming().count == 1)
            driver.files.confirm(receipt)
            try driver.calls.settle()
            #expect(try disk.incoming().isEmpty)
            let other = try driver.calls.put([1])
            driver.files.revoke(other)
            try driver.calls.settle()
            #expect(try disk.incoming().isEmpty)
            #expect(disk.content(other.ids[0]) == nil)
        }
    }

    @Test func `the maker's temporary name stays as long as its blob is in the balance`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let maker = try driver.calls.put(content)
            let finder = try driver.calls.put(content)
            driver.files.revoke(maker)
            try driver.calls.settle()
            // A crash now must find a name that leads to the blob.
            let counts = try disk.incoming().map {
                try disk.fileSystem.status(of: "/data/incoming/" + $0).linkCount
            }
            #expect(counts.sorted() == [1, 2])
            driver.files.confirm(finder)
            try driver.calls.settle()
            #expect(try disk.incoming().isEmpty)
        }
    }

    @Test func `an incoming blob that is let go leaves neither file nor descriptor`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            for isSealed in [false, true] {
                let blob = driver.files.makeIncoming()
                try blob.append(content.span)
                if isSealed { _ = try blob.seal() }
            }
            _ = driver.files.makeIncoming()
        }
        #expect(try disk.incoming().isEmpty)
        #expect(disk.fileSystem.openFileCount == 0)
    }

    @Test func `a blob let go after the store was closed leaves nothing either`() throws {
        let disk = try TestDisk()
        var blob: IncomingBlob?
        try disk.withStore { driver in
            blob = try driver.calls.sealed(content)
        }
        #expect(try disk.incoming().count == 1)
        blob = nil
        _ = blob
        #expect(try disk.incoming().isEmpty)
        #expect(disk.fileSystem.openFileCount == 0)
    }

    @Test func `a discarded blob is gone before discard returns`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let blob = try driver.calls.sealed(content)
            blob.discard()
            #expect(try disk.incoming().isEmpty)
            #expect(disk.fileSystem.openFileCount == 0)
        }
    }

    @Test func `an open blob that is let go closes its file`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let id = try driver.calls.put(content).ids[0]
            _ = try driver.calls.open(id)
            _ = try driver.calls.open(id, prefetch: 0..<5000)
            _ = try driver.calls.open(id, prefetch: 0..<10)
        }
        #expect(disk.fileSystem.openFileCount == 0)
    }

    @Test func `strange names among the blobs are not listed`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let id = try driver.calls.put(content).ids[0]
            try disk.fileSystem.plant([1], at: disk.layout.directory(3) + "/notes.txt")
            try disk.fileSystem.plant([1], at: disk.layout.directory(3) + "/" + id.hex)
            #expect(try driver.calls.list() == [id])
        }
    }
}
