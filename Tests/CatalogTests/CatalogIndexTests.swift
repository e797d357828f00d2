import Bytes
import TestSupport
import Testing

@testable import Catalog

@Suite struct CatalogIndexTests {
    private static func index(_ images: [ImageRecord]) -> CatalogIndex {
        var index = CatalogIndex(limits: CatalogLimits())
        for image in images { index.add(image) }
        return index
    }

    @Test func `an image keeps all that is known of it`() {
        let images = ImageKind.allCases.enumerated().map { number, kind in
            ImageRecord.sample(UInt64(number), kind: kind, camera: number % 2 == 0 ? "A" : nil)
        }
        let index = Self.index(images)
        for image in images { #expect(index.image(image.id) == image) }
        #expect(Array(CatalogImages(index)) == images)
    }

    @Test func `an image takes 64 bytes`() {
        #expect(MemoryLayout<StoredImage>.stride == 64)
    }

    @Test func `days cover the last thirty, oldest first, zeros included`() {
        let today: Int64 = 19_849
        let index = Self.index([
            .sample(1, day: today), .sample(2, day: today), .sample(3, day: today - 29),
            .sample(4, day: today - 30), .sample(5, day: today + 1),
        ])
        let days = index.statistics(today: today).days
        #expect(days.map(\.day) == Array(today - 29...today))
        #expect(days.map(\.images) == [1] + [UInt64](repeating: 0, count: 28) + [2])
        #expect(index.statistics(today: today + 1).days.map(\.images).reduce(0, +) == 3)
        #expect(index.statistics(today: .min).days.count == Statistics.dayCount)
    }

    @Test func `formats come most images first, ties in alphabetical order`() {
        let index = Self.index([
            .sample(1, kind: .webp), .sample(2, kind: .webp), .sample(3, kind: .png),
            .sample(4, kind: .jpeg), .sample(5, kind: .avif),
        ])
        let statistics = index.statistics(today: 0)
        #expect(statistics.formats.map(\.kind) == [.webp, .avif, .jpeg, .png])
        #expect(statistics.formats.map(\.images) == [2, 1, 1, 1])
        #expect(statistics.mostPopularFormat == .webp)
        #expect(Self.index([]).statistics(today: 0).mostPopularFormat == nil)
    }

    @Test func `of formats with as many images the alphabetically first is the most popular`() {
        let index = Self.index([.sample(1, kind: .webp), .sample(2, kind: .tiff)])
        #expect(index.statistics(today: 0).mostPopularFormat == .tiff)
    }

    @Test func `bytes and images add up, and a known image adds nothing`() {
        var index = Self.index([.sample(1, size: 10), .sample(2, size: 20)])
        let before = index.statistics(today: 0)
        #expect(before.images == 2 && before.bytes == 30)
        let isNew = index.add(.sample(1, camera: "X", size: 99))
        #expect(!isNew)
        #expect(index.statistics(today: 0) == before)
    }

    @Test func `a hundred cameras are listed, not one more`() {
        let images = (0...100 as ClosedRange<UInt64>).map {
            ImageRecord.sample($0, camera: "Camera \(1000 + $0)")
        }
        let cameras = Self.index(images).statistics(today: 0).cameras
        #expect(cameras.count == Statistics.cameraCount)
        #expect(cameras.last?.name == "Camera 1099")
    }

    @Test func `a capture does not change with the index`() {
        var index = Self.index((0..<5000).map { .sample($0) })
        let capture = CatalogCapture(index, sequenceNumber: 1, now: 0)
        index.add(.sample(9999, camera: "New"))
        index.add(UploadLink(id: .random(), expiresAt: 100))
        #expect(capture.images.count == 5000)
        #expect(capture.cameras.count == 0)
        #expect(capture.links.allSatisfy { $0.isEmpty })
    }
}
