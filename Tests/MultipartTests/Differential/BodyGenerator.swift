import TestSupport

/// Makes bodies that are hard on boundaries and easy on heads, the same ones for the same seed.
struct BodyGenerator {
    /// What a body has that readers disagree about.
    enum Feature: CaseIterable {
        case preamble, padding, partOfHeadersOnly
    }

    struct Body {
        var bytes: [UInt8]
        var pieceBytes: Int
        var feature: Feature?
    }

    private static let heads = [
        "Content-Disposition: form-data; name=\"a\"",
        "Content-Disposition: form-data; name=b; filename=\"c d.jpg\"\r\nContent-Type: image/jpeg",
        "X-Y: z\r\ncontent-disposition:form-data ; filename=\"größe;=.jpg\" ; name=\"ä\"",
        "Content-Disposition: form-data; name=\"a\"; filename=\"\"",
    ]
    private static let contentPieces = [
        "\r", "\n", "\r\n", "-", "--", "X", "XX", "y", "\0", "\r\n--", "\r\n--X", "\r\n--XX",
    ]
    private static let delimiter = Forms.bytes("\r\n--XX")
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Makes the next body; every other one has something that readers disagree about.
    mutating func next() -> Body {
        let feature =
            Bool.random(using: &random) ? nil : Feature.allCases.randomElement(using: &random)
        var bytes: [UInt8] = []
        switch feature {
        case .preamble: bytes = Forms.bytes("preamble\r\n")
        case .padding, .partOfHeadersOnly: break
        case nil: if Bool.random(using: &random) { bytes = Forms.bytes("\r\n") }
        }
        let partCount = Int.random(in: 1...4, using: &random)
        let special = Int.random(in: 0..<partCount, using: &random)
        for index in 0..<partCount {
            appendPart(to: &bytes, feature: index == special ? feature : nil, isFirst: index == 0)
        }
        bytes += Self.delimiter + Forms.bytes("--")
        if Bool.random(using: &random) { bytes += Forms.bytes("\r\nepilogue") }
        if Int.random(in: 0..<8, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        }
        let pieceBytes = Int.random(in: 1...64, using: &random)
        return Body(bytes: bytes, pieceBytes: pieceBytes, feature: feature)
    }

    private mutating func appendPart(to bytes: inout [UInt8], feature: Feature?, isFirst: Bool) {
        bytes += isFirst ? Forms.bytes("--XX") : Self.delimiter
        if feature == .padding { bytes += Forms.bytes(" \t") }
        bytes += Forms.bytes("\r\n\(Self.heads.randomElement(using: &random) ?? "")\r\n")
        // The next delimiter's line end is then the empty line that ends the section.
        if feature == .partOfHeadersOnly { return }
        bytes += Forms.bytes("\r\n")
        if Int.random(in: 0..<4, using: &random) == 0 { return }
        bytes += Forms.bytes(".")
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            bytes += Forms.bytes(Self.contentPieces.randomElement(using: &random) ?? "")
            // What would make it a real delimiter must not come next: its head would be anything.
            if bytes.suffix(Self.delimiter.count) == Self.delimiter { bytes += Forms.bytes("y") }
        }
    }
}
