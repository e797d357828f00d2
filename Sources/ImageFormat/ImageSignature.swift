package import Bytes

/// Tells a file's format from its first bytes.
package enum ImageSignature {
    /// The most bytes that the decision needs: the fixed signatures take 18, and the list of brands
    /// of an ISO base media file is looked at so far (60 brands; real files have up to about ten).
    package static let maxBytes = 256

    /// What the first bytes of a file say.
    package enum Verdict: Equatable, Sendable {
        /// One of the formats that the service keeps.
        case image(ImageKind)
        /// None of them; the reason is a sentence for the client.
        case unsupported(reason: String)
        /// Too few bytes to tell.
        case needMoreData
    }

    /// Tells a file's format.
    ///
    /// - Parameter prefix: the file from its first byte on; bytes from `maxBytes` on are not looked
    ///   at.
    /// - Returns: the verdict. It is the same for every longer prefix once it is not
    ///   `.needMoreData`.
    package static func kind(of prefix: Span<UInt8>) -> Verdict {
        for (pattern, kind) in supported {
            switch pattern.match(prefix) {
            case .matches: return .image(kind)
            case .undecided: return .needMoreData
            case .differs: continue
            }
        }
        for verdict in [bitmap(prefix), brands(prefix)] {
            if let verdict { return verdict }
        }
        for (pattern, reason) in foreign {
            switch pattern.match(prefix) {
            case .matches: return .unsupported(reason: reason)
            case .undecided: return .needMoreData
            case .differs: continue
            }
        }
        return .unsupported(reason: "The file is none of \(acceptedNames).")
    }

    /// The formats as a client reads them in a reason.
    static let acceptedNames = "JPEG, PNG, GIF, WEBP, BMP, TIFF, HEIF and AVIF"

    private static let supported: [(Pattern, ImageKind)] = [
        // ITU-T T.81 B.1.1.3: SOI, and the FF with which the next marker begins.
        (Pattern([0xFF, 0xD8, 0xFF]), .jpeg),
        // PNG (third edition) §5.2.
        (Pattern([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), .png),
        // GIF89a §17.
        (Pattern("GIF87a"), .gif),
        (Pattern("GIF89a"), .gif),
        // RFC 9649 §2.4.
        (Pattern("RIFF", at: 0, "WEBP", at: 8), .webp),
        // TIFF 6.0 §2; BigTIFF has version 43.
        (Pattern([0x49, 0x49, 0x2A, 0x00]), .tiff),
        (Pattern([0x4D, 0x4D, 0x00, 0x2A]), .tiff),
        (Pattern([0x49, 0x49, 0x2B, 0x00]), .tiff),
        (Pattern([0x4D, 0x4D, 0x00, 0x2B]), .tiff),
    ]

    /// Two letters are too little to go by: text may begin with `BM`.
    ///
    /// The size of the header that follows has only a few values, none of which text can spell.
    private static func bitmap(_ prefix: Span<UInt8>) -> Verdict? {
        switch Pattern("BM").match(prefix) {
        case .differs: return nil
        case .undecided: return .needMoreData
        case .matches: break
        }
        guard prefix.count >= BMP.signatureBytes else { return .needMoreData }
        let headerBytes = prefix.littleEndianUInt32(at: BMP.fileHeaderBytes)
        return BMP.Variant(headerBytes: headerBytes) == nil ? nil : .image(.bmp)
    }

    /// ISO/IEC 14496-12 §4.3: size, `ftyp`, major brand, minor version, compatible brands.
    private static func brands(_ prefix: Span<UInt8>) -> Verdict? {
        switch Pattern("ftyp", at: 4).match(prefix) {
        case .differs: return nil
        case .undecided: return .needMoreData
        case .matches: break
        }
        guard prefix.count >= 12 else { return .needMoreData }
        let major = FourCC(code: prefix.bigEndianUInt32(at: 8))
        if let kind = HEIF.kind(ofBrand: major) { return .image(kind) }

        // The major brand names only a structure, so that the compatible ones have to name the
        // codec.
        let listEnd = min(Int(prefix.bigEndianUInt32(at: 0)), maxBytes)
        guard prefix.count >= listEnd else { return .needMoreData }
        var isStructural = HEIF.structuralBrands.contains(major)
        for offset in stride(from: 16, through: listEnd - 4, by: 4) {
            let brand = FourCC(code: prefix.bigEndianUInt32(at: offset))
            if let kind = HEIF.kind(ofBrand: brand) { return .image(kind) }
            isStructural = isStructural || HEIF.structuralBrands.contains(brand)
        }
        if isStructural { return .image(.heif) }
        return .unsupported(
            reason: "The file is a video or another ISO media file, none of \(acceptedNames)."
        )
    }
}
