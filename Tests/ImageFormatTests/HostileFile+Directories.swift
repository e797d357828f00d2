import Bytes
import ImageFormat

/// Directories and boxes that go deep or round in circles, and EXIF that is too much or nowhere.
extension HostileFile {
    static let directories: [HostileFile] = [
        HostileFile(
            name: "a TIFF whose next directory, and every other, is its first",
            head: {
                var builder = TIFFBuilder.camera()
                builder.add(width: 64, height: 48)
                builder.nextDirectory = 8
                // Exif, GPS, interoperability and sub-directories (Exif 3.0 §4.6.3; TIFF/EP).
                for tag in [0x8769, 0x8825, 0xA005, 0x014A] as [UInt16] {
                    builder.add(tag, long: 8)
                }
                return builder.encode()
            }(),
            verdict: .image(.tiff, 64, 48),
            hasCamera: true
        ),
        HostileFile(
            name: "a chain of 10,000 TIFF directories",
            head: {
                var builder = TIFFBuilder()
                builder.add(width: 64, height: 48)
                builder.nextDirectory = UInt64(builder.encode().count)
                var bytes = builder.encode()
                for _ in 0..<10_000 {
                    bytes += builder.integer(UInt16(0)) + builder.integer(UInt32(bytes.count + 6))
                }
                return bytes
            }(),
            verdict: .image(.tiff, 64, 48)
        ),
        HostileFile(
            name: "a TIFF directory of 65,535 entries that are not its size",
            head: {
                var builder = TIFFBuilder()
                builder.claimedCount = 65_535
                return builder.encode()
            }(),
            sizeBytes: hugeBytes,
            filler: 1,
            verdict: .refused,
            readsMax: TIFFDirectory.maxEntries * 12 / 492 + 16
        ),
        HostileFile(
            name: "10,000 boxes one in another",
            head: {
                var nested = HEIFBuilder.box("free", [])
                for _ in 0..<10_000 { nested = HEIFBuilder.box("meta", zeros(4) + nested) }
                return HEIFBuilder().fileType + nested
            }(),
            verdict: .refused
        ),
        HostileFile(
            name: "an HEIF item that is made of itself",
            head: HEIFBuilder(place: .otherItem).encode(),
            verdict: .image(.heif, 64, 48),
            readsMax: 64
        ),
    ]

    /// EXIF whose offsets lead out of its block, before its beginning, or into itself.
    static let offsets: [HostileFile] = {
        var files: [HostileFile] = []
        for offset in [0, 1, 4, 65_535, 0x7FFF_FFFF, 0xFFFF_FFFF] as [UInt64] {
            for isDirectory in [true, false] {
                var builder = TIFFBuilder.camera(model: "A model of more than four bytes")
                if isDirectory {
                    builder.claimedDirectory = offset
                } else {
                    builder.entries[1].claimedOffset = offset
                    builder.entries[1].count = offset < 8 ? 0xFFFF_FFFF : 32
                }
                let what = "\(isDirectory ? "directory" : "model") is at \(offset)"
                files += containers(of: builder.encode(), "whose \(what)")
            }
        }
        return files
    }()

    /// A block as each of the formats carries it.
    private static func containers(
        _ kinds: [ImageKind] = [.jpeg, .png, .webp, .heif],
        of block: [UInt8],
        _ what: String
    ) -> [HostileFile] {
        kinds.map { kind in
            let head =
                switch kind {
                case .jpeg:
                    JPEGBuilder.file(JPEGBuilder.segment(0xE1, Array("Exif\0\0".utf8) + block))
                case .png: PNGBuilder.file(PNGBuilder.chunk("eXIf", block))
                case .webp:
                    WebPBuilder.file(
                        WebPBuilder.extended(64, 48),
                        WebPBuilder.chunk("EXIF", block)
                    )
                case .heif, .avif, .gif, .bmp, .tiff: HEIFBuilder(exif: block).encode()
                }
            return HostileFile(
                name: "\(kind.name) EXIF \(what)",
                head: head,
                verdict: .image(kind, 64, 48),
                readsMax: 64
            )
        }
    }

    /// Eight megabytes of EXIF: as many entries as a directory can have, none of them wanted, and
    /// values that overlap.
    static let megabytes: [HostileFile] = {
        var builder = TIFFBuilder()
        for _ in 0..<65_535 { builder.add(0xC000, long: 8) }
        let many = builder.encode()
        var camera = TIFFBuilder.camera()
        camera.gapBytes = 8 << 20
        let far = camera.encode()
        // The camera stands before what is too much, and is found.
        return containers([.png, .webp, .heif], of: many + zeros(8 << 20), "with 65,535 entries")
            .map { file in
                var file = file
                file.readsMax = TIFFDirectory.maxEntries * 12 / 492 + 64
                return file
            }
            + containers(
                [.png, .webp, .heif],
                of: far,
                "with eight megabytes before its directory"
            )
            .map { file in
                var file = file
                file.hasCamera = true
                return file
            }
    }()

    static let all = bombs + lies + directories + offsets + megabytes
}
