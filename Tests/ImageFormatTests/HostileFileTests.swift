import Bytes
import Glibc
import ImageFormat
import Testing

/// Files that are made to cost: bounded time and memory, as numbers.
@Suite struct `Hostile files` {
    /// Processor time that one inspection may take, in milliseconds.
    ///
    /// Optimised, the slowest takes 8 ms; a debug build under a sanitizer some thirty times as
    /// long.
    private static let milliseconds = 1_000

    @Test(arguments: HostileFile.all)
    func `a hostile file costs no more than its bound`(_ file: HostileFile) {
        let start = Self.processorMilliseconds()
        var source = CountingImageSource(
            file.head,
            filler: file.filler,
            count: file.sizeBytes,
            isComplete: true
        )
        let found: Outcome
        do throws(ImageFormatError) {
            found = .success(try ImageInspector.inspect(&source))
        } catch {
            found = .failure(error)
        }
        let spent = Self.processorMilliseconds() - start
        #expect(source.reads <= file.readsMax)
        // What is in memory at one time is one read; this is what all of them copied.
        #expect(source.bytes <= file.readsMax * 512)
        #expect(spent <= Self.milliseconds)
        switch file.verdict {
        case .image(let kind, let width, let height):
            #expect(found.image?.kind == kind)
            #expect(found.image?.width == width && found.image?.height == height)
            #expect((found.image?.camera?.model == "Model 1") == file.hasCamera)
        case .refused:
            #expect(found.image == nil && reason(of: found).hasSuffix("."))
        }
    }

    @Test func `a hostile file that has arrived in part costs no more`() {
        var tried = HostileFile.all.count
        for file in HostileFile.all where file.sizeBytes == nil {
            for length in [0, 1, 12, 40, file.head.count / 2, file.head.count] {
                let part = Array(file.head.prefix(length))
                // It is decided or not; that it ends, within the bound, is what is tested.
                _ = outcome(of: part, isComplete: false, maxReads: file.readsMax)
                _ = outcome(of: part, isComplete: true, maxReads: file.readsMax)
                tried += 2
            }
        }
        // For programs that add up what was tried, here and in the test above.
        print("hostile files: bad inputs tried=\(tried)")
    }

    @Test func `every kind is there`() {
        let sizes = [
            HostileFile.bombs.count, HostileFile.lies.count, HostileFile.directories.count,
            HostileFile.offsets.count, HostileFile.megabytes.count,
        ]
        #expect(sizes == [7, 12, 5, 48, 6])
    }

    /// What this thread has used, so that a busy machine does not count.
    private static func processorMilliseconds() -> Int {
        var time = timespec()
        // SAFETY: `time` is ours and lives through the call.
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
