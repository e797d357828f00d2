import Bytes
import Catalog
import TestSupport
import Testing
import UV

/// The contract of `Catalog`, for every implementation.
@Suite struct CatalogTests {
    @Test(arguments: CatalogUnderTest.all)
    func `an image is found after its commit and not before`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            let image = ImageRecord.sample(1, camera: "SONY - ILCE-7M2")
            #expect(try catalog.image(image.id) == nil)
            #expect(try catalog.commit(image) == [true])
            #expect(try catalog.image(image.id) == image)
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `a known image is left as it is`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            let first = ImageRecord.sample(1, camera: "A", day: 19_000)
            let again = ImageRecord.sample(1, camera: "B", day: 19_001)
            #expect(try catalog.commit(first) == [true])
            #expect(try catalog.commit(again, .sample(2)) == [false, true])
            #expect(try catalog.image(first.id) == first)
            #expect(try catalog.statistics().images == 2)
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `the same image twice in one request is new once`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            #expect(try catalog.commit(.sample(1), .sample(2), .sample(1)) == [true, true, false])
            #expect(try catalog.statistics().images == 2)
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `an empty request is answered`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            #expect(try catalog.commit() == [])
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `two concurrent commits of one image count it once`(
        _ subject: CatalogUnderTest
    ) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            let loop = try Loop()
            var answers: [[Bool]] = []
            for _ in 0..<10 {
                catalog.commit([.sample(7)], on: loop) { result in
                    if case .success(let isNew) = result { answers.append(isNew) }
                }
            }
            #expect(answers.isEmpty, "no completion comes before its call has returned")
            loop.run()
            #expect(answers == [[true]] + [[Bool]](repeating: [false], count: 9))
            #expect(try catalog.statistics().images == 1)
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `known gives exactly the known ones`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            try catalog.commit(.sample(1), .sample(2))
            let ids = (1...4).map { ImageRecord.sample($0).id }
            let known = try waitFor { catalog.known(ids, on: $0, completion: $1) }
            #expect(known == Set(ids[0..<2]))
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `a link is valid, then expired for a day, then unknown`(
        _ subject: CatalogUnderTest
    ) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            let now = session.clock.now
            let link = UploadLink(id: .random(), expiresAt: now + 60)
            #expect(try catalog.resolve(link.id, now: now) == .unknown)
            try catalog.add(link)
            #expect(try catalog.resolve(link.id, now: now) == .valid(link))
            #expect(try catalog.resolve(link.id, now: now + 59) == .valid(link))
            #expect(try catalog.resolve(link.id, now: now + 60) == .expired)
            #expect(try catalog.resolve(link.id, now: now + 60 + 86_400) == .expired)
            #expect(try catalog.resolve(link.id, now: now + 60 + 86_401) == .unknown)
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `everything is there after closing and opening again`(
        _ subject: CatalogUnderTest
    ) throws {
        try subject.withSession { session in
            let images = (1...20).map { ImageRecord.sample($0, camera: "Camera \($0 % 3)") }
            let link = UploadLink(id: .random(), expiresAt: session.clock.now + 60)
            var before: Statistics?
            for round in 0..<4 {
                let catalog = try session.open()
                for image in images[round * 5..<round * 5 + 5] { try catalog.commit(image) }
                if round == 1 { try catalog.add(link) }
                if round == 2 { try catalog.snapshot() }
                before = try catalog.statistics()
                try catalog.close()
            }
            let catalog = try session.open()
            #expect(try catalog.statistics() == before)
            for image in images { #expect(try catalog.image(image.id) == image) }
            #expect(try catalog.resolve(link.id, now: session.clock.now) == .valid(link))
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `listing gives every image once, in pages`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            let images = (1...5000).map { ImageRecord.sample($0) }
            _ = try waitFor { catalog.commit(images, on: $0, completion: $1) }
            var pages: [[ImageRecord]] = []
            try waitFor { catalog.list(on: $0, each: { pages.append($0) }, completion: $1) }
            #expect(pages.map(\.count) == [4096, 904])
            #expect(pages.flatMap(\.self) == images)
            #expect(Array(catalog.images) == images)
            try catalog.close()
        }
    }

    @Test(arguments: CatalogUnderTest.all)
    func `after closing every call gives an error`(_ subject: CatalogUnderTest) throws {
        try subject.withSession { session in
            let catalog = try session.open()
            try catalog.close()
            func expectClosed(_ body: () throws -> Void) {
                let error = #expect(throws: CatalogError.self) { try body() }
                #expect(error?.code == .closed)
            }
            expectClosed { try catalog.commit(.sample(1)) }
            expectClosed { try catalog.add(UploadLink(id: .random(), expiresAt: 1)) }
            expectClosed { _ = try catalog.resolve(.random(), now: 0) }
            expectClosed { _ = try catalog.image(ImageRecord.sample(1).id) }
            expectClosed { _ = try catalog.statistics() }
            expectClosed { _ = try waitFor { catalog.known([], on: $0, completion: $1) } }
            expectClosed { try waitFor { catalog.list(on: $0, each: { _ in }, completion: $1) } }
            expectClosed { try catalog.snapshot() }
            expectClosed { try catalog.close() }
        }
    }
}
