/// A size in bytes, so that no bare integer has to say its unit in its name.
package struct ByteCount: Hashable, Comparable, Sendable {
    /// The size in bytes, never negative.
    package var bytes: Int

    /// Makes a size.
    ///
    /// - Parameter bytes: the size in bytes, at least 0.
    package init(_ bytes: Int) {
        precondition(bytes >= 0, "a size is not negative")
        self.bytes = bytes
    }

    /// A size in units of 1,024 bytes.
    ///
    /// - Parameter count: how many.
    /// - Returns: the size.
    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }

    /// A size in units of 1,048,576 bytes.
    ///
    /// - Parameter count: how many.
    /// - Returns: the size.
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    /// A size in units of 1,073,741,824 bytes.
    ///
    /// - Parameter count: how many.
    /// - Returns: the size.
    package static func gibibytes(_ count: Int) -> ByteCount { ByteCount(count << 30) }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}

extension ByteCount: CustomStringConvertible {
    package var description: String { "\(bytes) bytes" }
}
