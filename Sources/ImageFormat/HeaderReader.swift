internal import Bytes

/// The order of an integer's bytes.
package enum ByteOrder: Sendable {
    /// Least significant byte first: `II` in TIFF; GIF, WEBP and BMP.
    case little
    /// Most significant byte first: `MM` in TIFF; JPEG, PNG and ISO base media files.
    case big
}

/// Reads a header's integers from a source, through a small window and within a budget.
///
/// The rule that keeps answers stable while a file arrives: a byte that has not arrived throws
/// `.needMoreData`, and no reader may catch that or look at how much has arrived. So a reader that
/// comes to an answer has used only bytes that will never change.
package struct HeaderReader<Source: ImageSource> {
    /// Bytes fetched at once, and the most that can be asked for at once.
    ///
    /// Directory entries and boxes lie side by side, so most integers cost no read; skipping from
    /// chunk to chunk wastes little.
    package static var windowBytes: Int { 512 }

    package private(set) var source: Source
    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    private var readsLeft: Int

    /// Starts reading.
    ///
    /// - Parameters:
    ///   - source: the file.
    ///   - maxReads: the budget, in reads of the source.
    package init(_ source: Source, maxReads: Int) {
        self.source = source
        readsLeft = maxReads
    }

    /// Makes sure that bytes are in the window.
    ///
    /// - Parameters:
    ///   - offset: the first byte, counted from the start of the file.
    ///   - count: how many bytes, at most `windowBytes`.
    /// - Returns: the index of the first byte in the window, or `nil` when the whole file is there
    ///   and ends before the last of them.
    /// - Throws: `.needMoreData`; `.damaged` when the budget is spent; `.sourceFailed`.
    private mutating func locate(
        _ offset: UInt64,
        _ count: Int
    ) throws(ImageFormatError) -> Int? {
        precondition(count <= Self.windowBytes, "a header is read in small pieces")
        let (end, overflow) = offset.addingReportingOverflow(UInt64(count))
        if !overflow, offset >= windowStart, end <= windowStart + UInt64(window.count) {
            return Int(offset - windowStart)
        }
        let available = source.availableBytes
        guard !overflow, end <= available else {
            if source.isComplete { return nil }
            throw .needMoreData
        }
        guard readsLeft > 0 else {
            throw .damaged(reason: "The header is spread over too many places.", offset: offset)
        }
        readsLeft -= 1
        let wanted = Int(min(UInt64(Self.windowBytes), available - offset))
        window = try source.read(at: offset, count: wanted)
        windowStart = offset
        return window.count >= count ? 0 : nil
    }

    /// Copies bytes out of the file.
    ///
    /// - Parameters:
    ///   - offset: the first byte, counted from the start of the file.
    ///   - count: how many bytes, at most `windowBytes`.
    /// - Returns: the bytes, or `nil` when the whole file is there and ends before the last of
    ///   them.
    /// - Throws: as `locate`.
    package mutating func bytesIfPresent(
        at offset: UInt64,
        count: Int
    ) throws(ImageFormatError) -> [UInt8]? {
        guard let index = try locate(offset, count) else { return nil }
        return Array(window[index..<index + count])
    }

    /// Copies bytes that the header must have.
    ///
    /// - Parameters:
    ///   - offset: the first byte, counted from the start of the file.
    ///   - count: how many bytes, at most `windowBytes`.
    /// - Returns: the bytes.
    /// - Throws: `.damaged` when the file ends before the last of them, and as `locate`.
    package mutating func bytes(at offset: UInt64, count: Int) throws(ImageFormatError) -> [UInt8] {
        guard let bytes = try bytesIfPresent(at: offset, count: count) else {
            throw .endsInsideHeader(at: offset)
        }
        return bytes
    }

    /// Reads an integer that the header must have.
    ///
    /// - Parameters:
    ///   - offset: its first byte, counted from the start of the file.
    ///   - order: the order of its bytes.
    ///   - type: the integer's type, which says how many bytes there are.
    /// - Returns: the integer.
    /// - Throws: as `bytes(at:count:)`.
    package mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
        at offset: UInt64,
        _ order: ByteOrder,
        as type: Value.Type = Value.self
    ) throws(ImageFormatError) -> Value {
        let count = Value.bitWidth / 8
        guard let index = try locate(offset, count) else { throw .endsInsideHeader(at: offset) }
        return Value(window[index..<index + count], order)
    }

    /// Reads the four letters that name a chunk or a box.
    ///
    /// - Parameter offset: the first letter, counted from the start of the file.
    /// - Returns: the name.
    /// - Throws: as `bytes(at:count:)`.
    package mutating func fourCC(at offset: UInt64) throws(ImageFormatError) -> FourCC {
        FourCC(code: try integer(at: offset, .big))
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Puts an integer together from its bytes.
    ///
    /// - Parameters:
    ///   - bytes: as many bytes as the type has, or fewer.
    ///   - order: the order in which they stand.
    init(_ bytes: ArraySlice<UInt8>, _ order: ByteOrder) {
        self = 0
        for (place, byte) in bytes.enumerated() {
            switch order {
            case .little: self |= Self(byte) << Self(8 * place)
            // By multiplication: shifting a one-byte integer by eight places is no integer shift.
            case .big: self = self &* 0x100 | Self(byte)
            }
        }
    }
}

/// Four letters that name a chunk (PNG §5.3, RIFF) or a box (ISO/IEC 14496-12 §4.2).
package struct FourCC: Hashable, Sendable {
    /// The letters, the first one in the highest byte.
    package let code: UInt32

    /// Takes the letters as they were read.
    ///
    /// - Parameter code: the first letter in the highest byte.
    package init(code: UInt32) { self.code = code }

    /// Whether all four are ASCII letters, which PNG requires and filler seldom has.
    var isAlphabetic: Bool {
        (0..<4).allSatisfy { index in
            let letter = UInt8(truncatingIfNeeded: code >> UInt32(8 * index)) | 0x20
            return UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter
        }
    }
}

extension FourCC: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        precondition(text.utf8.count == 4, "a four-character code has four characters")
        code = text.utf8.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
