/// A run of bytes that lies in one or several places of the file, addressed from 0.
///
/// EXIF counts its offsets from the start of its own block, wherever that block stands; an item of
/// an HEIF file may even be cut into pieces (ISO/IEC 14496-12 §8.11.3).
package struct Extents: Equatable, Sendable {
    /// The pieces in order, as ranges of the file.
    private var pieces: [Range<UInt64>]

    /// Makes a run in one place.
    ///
    /// - Parameter piece: the range of the file; it may reach past the file's end.
    package init(_ piece: Range<UInt64>) { pieces = [piece] }

    /// Makes a run of several pieces.
    ///
    /// - Parameter pieces: ranges of the file in the order of the run.
    package init(_ pieces: [Range<UInt64>]) { self.pieces = pieces }

    /// Everything from some byte of the file on.
    ///
    /// - Parameter offset: the first byte.
    /// - Returns: the run, which ends where the file does.
    package static func toEnd(from offset: UInt64) -> Extents { Extents(offset..<UInt64.max) }

    /// Leaves out the first bytes.
    ///
    /// - Parameter count: how many; more than there are leaves none.
    /// - Returns: the rest of the run.
    package func dropping(_ count: UInt64) -> Extents {
        var left = count
        var rest: [Range<UInt64>] = []
        for piece in pieces {
            let dropped = min(left, piece.count64)
            left -= dropped
            let remainder = piece.lowerBound + dropped..<piece.upperBound
            if !remainder.isEmpty { rest.append(remainder) }
        }
        return Extents(rest)
    }

    /// Reads bytes of the run.
    ///
    /// - Parameters:
    ///   - offset: the first byte, counted from the start of the run.
    ///   - count: how many bytes, at most a window of the reader.
    ///   - reader: the file.
    /// - Returns: the bytes, or `nil` when the run or the complete file ends before the last of
    ///   them.
    /// - Throws: as the reader does; nothing that only says that the bytes are not there.
    package func bytes<Source: ImageSource>(
        at offset: UInt64,
        count: Int,
        _ reader: inout HeaderReader<Source>
    ) throws(ImageFormatError) -> [UInt8]? {
        var found: [UInt8] = []
        var skip = offset
        for piece in pieces where found.count < count {
            guard skip < piece.count64 else {
                skip -= piece.count64
                continue
            }
            let start = piece.lowerBound + skip
            let wanted = min(UInt64(count - found.count), piece.upperBound - start)
            skip = 0
            guard let part = try reader.bytesIfPresent(at: start, count: Int(wanted)) else {
                return nil
            }
            found += part
        }
        return found.count == count ? found : nil
    }
}

extension Range where Bound == UInt64 {
    /// The number of bytes, which `count` cannot give for ranges longer than `Int.max`.
    var count64: UInt64 { upperBound - lowerBound }
}
