internal import Bytes
internal import Synchronization

/// The name of an upload under way: `upload-` and 32 hexadecimal digits.
///
/// Random at least in its first half, so that names of two runs of the server do not meet; the file
/// is still made with `O_EXCL`.
package struct IncomingName: Hashable, Sendable {
    private static let prefix: [UInt8] = Array("upload-".utf8)
    private static let digitCount = 32

    /// The name.
    package let text: String

    /// Makes a random name, which nobody has.
    package init() {
        self.init(.random(in: .min ... .max), .random(in: .min ... .max))
    }

    /// Makes a name of its two halves.
    fileprivate init(_ first: UInt64, _ second: UInt64) {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(first)
        bytes.appendBigEndian(second)
        text = String(decoding: Self.prefix + Hex.encode(bytes.span), as: UTF8.self)
    }

    /// Recognizes a name found in the directory.
    ///
    /// - Parameter text: the name; `nil` results when it is not one that the store makes.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.prefix.count + Self.digitCount,
            bytes.span.starts(with: Self.prefix),
            bytes.dropFirst(Self.prefix.count)
                .allSatisfy({ Hex.value(ofLowerCaseDigit: $0) != nil })
        else { return nil }
        self.text = text
    }
}

/// Names uploads, each a number higher than the one before, from a random start.
///
/// A random number costs a system call, and each upload needs a name.
final class IncomingNames: Sendable {
    private let run = UInt64.random(in: .min ... .max)
    private let last = Atomic<UInt64>(0)

    init() {}

    /// Makes a name that nobody has.
    func next() -> IncomingName {
        // Only that no number comes twice matters, which holds under any ordering.
        IncomingName(run, last.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}
