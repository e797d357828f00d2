import TestSupport
import Testing
import UV

@testable import Catalog

@Suite struct JournalGroupTests {
    @Test func `a group is full at its goal and not before`() throws {
        let loop = try Loop()
        var answers = 0
        var group = JournalGroup()
        let camera = String(repeating: "x", count: ImageRecord.cameraByteLimit)
        let each = JournalEntry.imageByteCount + camera.utf8.count
        let needed = (JournalFormat.recordByteGoal + each - 1) / each
        for number in 1...needed {
            #expect(!group.isFull)
            let image = ImageRecord.sample(UInt64(number), camera: camera)
            group.add([image], isNew: [true], loop.completion { _ in answers += 1 })
        }
        #expect(group.isFull)
        #expect(group.entries.count == needed && group.pendingImages.count == needed)
        group.succeed()
        loop.run()
        #expect(answers == needed)
    }

    @Test func `everybody is told in turn, refusals too`() throws {
        let loop = try Loop()
        let (full, failed) = (CatalogError(.full, "full"), CatalogError(.io, "failed"))
        var told: [String] = []
        func note<Value>(_ name: String) -> (Result<Value, CatalogError>) -> Void {
            { result in
                switch result {
                case .success: told.append(name)
                case .failure(let error): told.append("\(name) \(error.code)")
                }
            }
        }
        for error in [nil, failed] {
            var group = JournalGroup()
            group.add([.sample(1)], isNew: [true], loop.completion(note("images")))
            group.refuse(loop.completion(note("refused")) as Completion<Result<[Bool], _>>, full)
            group.add(UploadLink(id: .random(), expiresAt: 1), loop.completion(note("link")))
            group.refuse(loop.completion(note("refused")) as Completion<Result<Void, _>>, full)
            #expect(group.entries.count == 2 && group.pendingLinkCount == 1)
            if let error { group.fail(error) } else { group.succeed() }
        }
        loop.run()
        let succeeded = ["images", "refused full", "link", "refused full"]
        #expect(told == succeeded + ["images io", "refused full", "link io", "refused full"])
    }

    @Test func `a batch larger than the goal becomes several records`() throws {
        let files = MemoryFileSystem()
        try files.makeDirectory("/data", permissions: 0o700)
        let directory = CatalogDirectory(path: "/data", fileSystem: files)
        let thread = JournalThread(
            try Recovery(directory, limits: CatalogLimits()).recover(),
            directory: directory,
            snapshots: SnapshotStore(directory, sequenceNumber: 0),
            limits: CatalogLimits(),
            clock: { 0 }
        )
        let loop = try Loop()
        let camera = String(repeating: "x", count: ImageRecord.cameraByteLimit)
        var changes: [JournalThread.Change] = []
        for request in 0..<3 as Range<UInt64> {
            let images = (0..<1000).map { ImageRecord.sample(request * 1000 + $0, camera: camera) }
            changes.append(.commit(images, loop.completion { _ in }))
        }
        let before = files.operations.count
        thread.process(changes + [.close])
        loop.run()
        #expect(files.operations[before...].count { $0.kind == .synchronizeData } == 3)
        #expect(thread.withIndex { $0.images.count } == 3000)
    }
}
