/// Fixed-width integers out of spans and into arrays, by shifts: alignment never matters and
/// nothing is unsafe.
///
/// Little-endian is what our own disk formats use; image formats use both.
extension Span where Element == UInt8 {
    /// Reads a little-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func littleEndianUInt16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
    }

    /// Reads a little-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func littleEndianUInt32(at offset: Int) -> UInt32 {
        UInt32(littleEndianUInt16(at: offset)) | UInt32(littleEndianUInt16(at: offset + 2)) << 16
    }

    /// Reads a little-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func littleEndianUInt64(at offset: Int) -> UInt64 {
        UInt64(littleEndianUInt32(at: offset)) | UInt64(littleEndianUInt32(at: offset + 4)) << 32
    }

    /// Reads a big-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func bigEndianUInt16(at offset: Int) -> UInt16 {
        littleEndianUInt16(at: offset).byteSwapped
    }

    /// Reads a big-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func bigEndianUInt32(at offset: Int) -> UInt32 {
        littleEndianUInt32(at: offset).byteSwapped
    }

    /// Reads a big-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func bigEndianUInt64(at offset: Int) -> UInt64 {
        littleEndianUInt64(at: offset).byteSwapped
    }
}

extension Array where Element == UInt8 {
    /// Appends an integer, least significant byte first.
    ///
    /// - Parameter value: the integer; its type says how many bytes.
    @inlinable
    package mutating func appendLittleEndian<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }

    /// Appends an integer, most significant byte first.
    ///
    /// - Parameter value: the integer; its type says how many bytes.
    @inlinable
    package mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }
}
