import Bytes
import Catalog
import TestSupport
import Testing

@Suite struct ImageRecordTests {
    @Test func `an empty camera is none`() {
        #expect(ImageRecord.sample(1, camera: "").camera == nil)
    }

    @Test func `a camera name is kept up to its limit and cut one past it`() {
        let longest = String(repeating: "a", count: ImageRecord.cameraByteLimit)
        #expect(ImageRecord.sample(1, camera: longest).camera == longest)
        #expect(ImageRecord.sample(1, camera: longest + "b").camera == longest)
    }

    @Test(arguments: ["é", "€", "😀"])
    func `a camera name is not cut within a scalar`(_ scalar: String) {
        for padding in 0..<4 {
            let prefix = String(repeating: "a", count: ImageRecord.cameraByteLimit - padding)
            let camera = ImageRecord.sample(1, camera: prefix + scalar).camera
            let fits = scalar.utf8.count <= padding
            #expect(camera == (fits ? prefix + scalar : prefix))
        }
    }

    @Test(
        arguments: zip(
            [0, 86_399, 86_400, -1, -86_400, -86_401, 1_714_996_800] as [Int64],
            [0, 0, 1, -1, -1, -2, 19_849] as [Int64]
        )
    )
    func `the day is that of UTC, also before 1970`(_ seconds: Int64, _ day: Int64) {
        #expect(ImageRecord.day(of: seconds) == day)
    }
}
