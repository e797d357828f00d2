import Testing
import UV

@testable import Catalog

@Suite struct CatalogErrorTests {
    @Test func `a full disk is told apart from a failing one`() {
        #expect(CatalogError.failed("x", .noSpace).code == .noSpace)
        #expect(CatalogError.failed("x", .quotaExceeded).code == .noSpace)
        #expect(CatalogError.failed("x", .io).code == .io)
        #expect(CatalogError.failed("x", .notFound).code == .io)
    }

    @Test func `damage names the file, the offset and the repair`() {
        let error = CatalogError.damaged("no valid record", in: "/srv/data/snapshot", at: 77)
        #expect(
            error.description == "damaged: /srv/data/snapshot: no valid record at offset 77; "
                + "run `image-service rebuild --data-dir /srv/data` to make the catalog anew"
        )
    }

    @Test func `the cause is told last`() {
        let error = CatalogError.failed("writing /data/snapshot.tmp", .noSpace)
        #expect(error.description.hasPrefix("noSpace: writing /data/snapshot.tmp (ENOSPC: "))
    }
}
