internal import Glibc

/// Searching, comparing and copying for `Span<UInt8>`, which the standard library leaves out.
///
/// Searching runs at memory speed because it is glibc's `memchr`; the pointers it needs live and
/// die inside this file.
extension Span where Element == UInt8 {
    /// Finds the first occurrence of a byte.
    ///
    /// - Parameters:
    ///   - byte: the byte to look for.
    ///   - start: the index to start at, `0...count`.
    /// - Returns: the index of the first such byte at or after `start`, or `nil`.
    /// - Complexity: O(n), at the speed of `memchr`.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        precondition(start >= 0 && start <= count)
        return unsafe withUnsafeBufferPointer { buffer in
            guard start < buffer.count, let base = buffer.baseAddress else { return nil }
            // SAFETY: `base + start` and the length cover exactly the rest of the span, which
            // outlives this closure; `memchr` returns a pointer into it or nil.
            guard let found = unsafe memchr(base + start, Int32(byte), buffer.count - start) else {
                return nil
            }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    /// Finds the first occurrence of a sequence of bytes.
    ///
    /// Hops with `memchr` from one occurrence of the sequence's first byte to the next. In image
    /// data that byte comes once in 256, which leaves the search close to `memchr`'s own speed.
    ///
    /// - Parameters:
    ///   - needle: the bytes to look for, at least one.
    ///   - start: the index to start at, `0...count`.
    /// - Returns: the index of the first byte of the first whole occurrence, or `nil`.
    /// - Complexity: O(n) for needles whose first byte does not repeat, else O(n × m).
    package func firstIndex(of needle: [UInt8], from start: Int = 0) -> Int? {
        precondition(!needle.isEmpty)
        var candidate = firstIndex(of: needle[0], from: start)
        while let index = candidate {
            if starts(with: needle, at: index) { return index }
            candidate = firstIndex(of: needle[0], from: index + 1)
        }
        return nil
    }

    /// Tells whether the bytes from an index on begin with the given ones.
    ///
    /// - Parameters:
    ///   - prefix: the bytes to compare with.
    ///   - start: the index to compare from, `0...count`.
    /// - Returns: false also when fewer than `prefix.count` bytes are left.
    package func starts(with prefix: [UInt8], at start: Int = 0) -> Bool {
        precondition(start >= 0)
        guard prefix.count <= count - start else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            unsafe prefix.withUnsafeBufferPointer { prefix in
                guard let bytes = bytes.baseAddress, let first = prefix.baseAddress
                else { return true }
                // SAFETY: the guards keep `prefix.count` bytes from `start` on inside the span.
                return unsafe memcmp(bytes + start, first, prefix.count) == 0
            }
        }
    }

    /// Tells whether the span holds exactly the given bytes.
    ///
    /// - Parameter bytes: the bytes to compare with.
    /// - Returns: true when length and content are the same.
    package func equals(_ bytes: [UInt8]) -> Bool {
        count == bytes.count && starts(with: bytes)
    }

    /// Tells whether the span holds the same bytes as another one.
    ///
    /// - Parameter other: the bytes to compare with.
    /// - Returns: true when length and content are the same.
    package func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            unsafe other.withUnsafeBufferPointer { other in
                guard let bytes = bytes.baseAddress, let other = other.baseAddress
                else { return true }
                // SAFETY: both spans have `count` bytes and outlive the closures.
                return unsafe memcmp(bytes, other, count) == 0
            }
        }
    }

    /// Copies a part of the span into an array.
    ///
    /// - Parameter range: the part, within `0..<count`.
    /// - Returns: a new array with those bytes.
    package func copy(_ range: Range<Int>) -> [UInt8] {
        let part = extracting(range)
        // SAFETY: the array copies the span's bytes while the span lives.
        return unsafe part.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }

    /// Copies the whole span into an array.
    ///
    /// - Returns: a new array with the span's bytes.
    package func copy() -> [UInt8] { copy(0..<count) }
}

extension Array where Element == UInt8 {
    /// Appends the bytes of a span in one copy.
    ///
    /// - Parameter bytes: the bytes to append.
    package mutating func append(_ bytes: Span<UInt8>) {
        // SAFETY: the array copies the span's bytes while the span lives.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension MutableSpan where Element == UInt8 {
    /// Overwrites a part with the first bytes of a span.
    ///
    /// - Parameters:
    ///   - range: the part, within `0..<count`.
    ///   - bytes: at least as many bytes as the part has.
    package mutating func replace(_ range: Range<Int>, with bytes: Span<UInt8>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        precondition(range.count <= bytes.count)
        // SAFETY: the preconditions keep the copy within both, and both outlive the closures;
        // `memmove` allows overlap.
        unsafe withUnsafeMutableBufferPointer { target in
            unsafe bytes.withUnsafeBufferPointer { source in
                guard let target = target.baseAddress, let source = source.baseAddress else {
                    return
                }
                unsafe memmove(target + range.lowerBound, source, range.count)
            }
        }
    }
}
