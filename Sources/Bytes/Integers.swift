/// Fixed-width integers out of spans and into arrays; alignment never matters.
///
/// Little-endian is what our own disk formats use; image formats use both.
extension Span where Element == UInt8 {
    /// Reads a little-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func littleEndianUInt16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: load(UInt16.self, at: offset))
    }

    /// Reads a little-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func littleEndianUInt32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: load(UInt32.self, at: offset))
    }

    /// Reads a little-endian unsigned integer.
    ///
    /// - Parameter offset: index of its first byte; all its bytes must lie within the span.
    /// - Returns: the value.
    @inlinable @inline(__always)
    package func littleEndianUInt64(at offset: Int) -> UInt64 {
        UInt64(littleEndian: load(UInt64.self, at: offset))
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

    /// Reads the bytes of an integer in the machine's own order: one load instead of a check, a
    /// shift and an addition for each byte.
    @inlinable @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type,
        at offset: Int
    ) -> Value {
        precondition(offset >= 0 && offset <= count - MemoryLayout<Value>.size)
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: the precondition keeps all the bytes inside the span, which outlives this
            // closure; every bit pattern is an integer.
            unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        }
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
