import BlobStore
import Bytes
import TestSupport
import Testing
import UV

/// What the caller hears when the system fails, and what is left.
@Suite struct SystemErrorTests {
    private let content = bytes(3000, seed: 70)

    @Test(
        arguments: [
            (.noSpace, .noSpace), (.quotaExceeded, .noSpace), (.io, .io), (.readOnly, .io),
            (.tooManyOpenFiles, .tooManyOpenFiles), (.fileTableFull, .tooManyOpenFiles),
            (.symbolicLinkLoop, .corrupted), (.accessDenied, .io),
        ] as [(UVError, BlobStoreError.Code)]
    )
    func `the code says what the caller can do`(
        _ cause: UVError,
        _ expected: BlobStoreError.Code
    ) throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            disk.fileSystem.fail(.kinds([.open]), with: cause)
            let error = #expect(throws: BlobStoreError.self) { try driver.calls.put(content) }
            #expect(error?.code == expected)
            #expect(error?.cause == cause)
            let description = try #require(error?.description)
            #expect(description.hasPrefix("\(expected): making /data/incoming/upload-"))
            #expect(description.hasSuffix("(\(cause))"))
            #expect(probe(driver) == expected)
            disk.fileSystem.fail(nil)
            #expect(probe(driver) == nil)
        }
    }

    @Test func `a full disk fails the upload and drops it, and no other`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            disk.fileSystem.limitCapacity(toBytes: 4000)
            let kept = try driver.calls.put(content).ids[0]
            let blob = driver.files.makeIncoming()
            #expect(code { try blob.append(content.span) } == .noSpace)
            #expect(code { try blob.append([1].span) } == .noSpace)
            #expect(code { try blob.seal() } == .noSpace)
            #expect(try disk.incoming().count == 1)
            #expect(probe(driver) == .noSpace)
            #expect(try driver.calls.content(kept) == content)
            disk.fileSystem.limitCapacity(toBytes: nil)
            #expect(try driver.calls.put(bytes(1000, seed: 71)).ids.count == 1)
        }
        #expect(disk.fileSystem.openFileCount == 0)
    }

    @Test(
        arguments: [.synchronizeData, .link, .synchronize] as [MemoryFileSystem.Operation.Kind]
    )
    func `a put that cannot be made durable leaves nothing, and can be repeated`(
        _ kind: MemoryFileSystem.Operation.Kind
    ) throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            disk.fileSystem.fail(.kinds([kind]))
            #expect(code { try driver.calls.put(content, [1]) } == .io)
            disk.fileSystem.fail(nil)
            let left = try driver.calls.list()
            #expect(left.isEmpty)
            if kind != .synchronize {
                #expect(try disk.incoming().isEmpty)
                #expect(driver.complaints.all.isEmpty)
            } else {
                // That the removal is durable is not known, so the names that lead to it stay.
                #expect(try disk.incoming().count == 2)
                #expect(driver.complaints.all.map(\.code) == [.io, .io])
            }
            #expect(try driver.calls.put(content, [1]).ids.count == 2)
            #expect(try driver.calls.list().count == 2)
        }
        #expect(disk.fileSystem.openFileCount == 0)
    }

    @Test func `a blob that cannot be taken back keeps the name that leads to it`() throws {
        let disk = try TestDisk()
        try disk.withStore { driver in
            let receipt = try driver.calls.put(content)
            disk.fileSystem.fail(.kinds([.remove]))
            driver.files.revoke(receipt)
            try driver.calls.settle()
            disk.fileSystem.fail(nil)
            #expect(driver.complaints.all.map(\.code) == [.io])
            #expect(try disk.incoming().count == 1)
        }
        try disk.withStore { driver in
            let report = try driver.files.recover { _ in false }
            #expect(report.removedBlobs == 1)
            #expect(try disk.incoming().isEmpty)
            #expect(try driver.calls.list().isEmpty)
        }
    }

    private func probe(_ driver: TestDisk.Driver) -> BlobStoreError.Code? {
        let result: Result<Void, BlobStoreError> = driver.calls.wait {
            driver.files.probeWritable(on: driver.calls.loop, completion: $0)
        }
        return code { try result.get() }
    }
}
