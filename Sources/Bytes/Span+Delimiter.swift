internal import Glibc

extension Span where Element == UInt8 {
    /// How many bytes are looked at one by one before `memchr` is asked.
    ///
    /// A call costs as much as some ten steps. Without the look around, a sender that strews the
    /// needle's first byte through its data makes the search five times slower; in random data,
    /// where that byte comes once in 256, the look costs next to nothing.
    private static var nearbyCount: Int { 16 }

    /// Finds the first place where a sequence of bytes stands, or where the span ends within it.
    ///
    /// What comes before that place cannot be part of the sequence, whatever follows the span.
    ///
    /// - Parameters: - needle: the bytes to look for, at least one; the first must not come again
    ///   in the rest, so
    ///     that the search never has to go back.
    ///   - start: the index to start at, `0...count`.
    /// - Returns: the index of the first byte of the whole or the cut occurrence, or `nil`.
    /// - Complexity: O(n) whatever the bytes, at the speed of `memchr` where the needle's first
    ///   byte is rare.
    package func firstIndex(ofWholeOrCut needle: [UInt8], from start: Int = 0) -> Int? {
        precondition(!needle.isEmpty && start >= 0 && start <= count)
        assert(!needle.dropFirst().contains(needle[0]))
        // SAFETY: both buffers are used within the closures only, which is as long as they live.
        return unsafe withUnsafeBufferPointer { buffer in
            unsafe needle.withUnsafeBufferPointer { needle in
                unsafe Self.search(buffer, for: needle, from: start)
            }
        }
    }

    private static func search(
        _ bytes: UnsafeBufferPointer<UInt8>,
        for needle: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> Int? {
        guard let base = bytes.baseAddress, let wanted = needle.baseAddress else { return nil }
        // SAFETY: every index below is less than `bytes.count` or `needle.count`, by the condition
        // of the loop that it stands in; both buffers outlive the call.
        let first = unsafe wanted[0]
        var index = start
        while index < bytes.count {
            let nearby = min(bytes.count, index + nearbyCount)
            while index < nearby, unsafe base[index] != first { index += 1 }
            if index == nearby {
                // SAFETY: the pointer and the length cover the rest of the buffer; what `memchr`
                // returns points into it.
                guard
                    let found = unsafe memchr(base + index, Int32(first), bytes.count - index)
                else { return nil }
                index = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
            }
            let end = min(bytes.count, index + needle.count)
            var next = index + 1
            while next < end, unsafe base[next] == wanted[next - index] { next += 1 }
            if next == end { return index }
            index = next
        }
        return nil
    }
}
