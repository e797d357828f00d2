/// A box of an ISO base media file (ISO/IEC 14496-12 §4.2): `[size: u32][type: 4]`, and a `u64`
/// size behind it when the first one is 1.
package struct ISOBox: Equatable, Sendable {
    /// What the box is.
    package let type: FourCC
    /// Where its content stands in the file.
    package let content: Range<UInt64>
}

/// The boxes that stand one behind the other in some part of a file.
///
/// Nothing here is recursive: whoever wants the boxes within a box makes a new list of its content,
/// so that boxes nested deeper than a reader looks cost nothing.
package struct ISOBoxes: Sendable {
    private var offset: UInt64
    private let end: UInt64
    private var boxesLeft: Int

    /// Makes a list of boxes.
    ///
    /// - Parameters:
    ///   - range: the part of the file; `UInt64.max` as its end stands for the file's.
    ///   - maxCount: how many boxes to read before the file is refused.
    package init(in range: Range<UInt64>, maxCount: Int) {
        offset = range.lowerBound
        end = range.upperBound
        boxesLeft = maxCount
    }

    /// Reads the next box's head.
    ///
    /// - Parameter reader: the file.
    /// - Returns: the box, or `nil` at the end of the part, and at the end of the complete file
    ///   when the part reaches that far.
    /// - Throws: `.damaged` when a size is too small, or larger than the part it lies in, or there
    ///   are too many boxes; and as the reader does.
    package mutating func next<Source: ImageSource>(
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> ISOBox? {
        // Fewer bytes than a head has are padding.
        guard end - offset >= 8 else { return nil }
        let isTopLevel = end == UInt64.max
        guard let head = try reader.bytesIfPresent(at: offset, count: 8) else {
            if isTopLevel { return nil }
            throw .endsInsideHeader(at: offset)
        }
        // Counted only now: at the end of the file there is no box that could be one too many.
        guard boxesLeft > 0 else {
            throw .damaged(reason: "The file has too many boxes.", offset: offset)
        }
        boxesLeft -= 1
        var headBytes: UInt64 = 8
        var size = UInt64(UInt32(head[..<4], .big))
        if size == 1 {
            headBytes = 16
            size = try reader.integer(at: offset + 8, .big)
        } else if size == 0 {
            // The box reaches to the end of what it lies in.
            size = end - offset
        }
        guard size >= headBytes, size <= end - offset else {
            throw .damaged(reason: "A box has a size that cannot be.", offset: offset)
        }
        let content = offset + headBytes..<offset + size
        offset += size
        return ISOBox(type: FourCC(code: UInt32(head[4...], .big)), content: content)
    }
}
