/// How much a client may make the parser read and keep before it is refused.
///
/// Each limit says its unit, why it is there, and what others chose.
package struct HTTPLimits: Hashable, Sendable {
    /// Bytes of a method (501 beyond).
    ///
    /// The longest registered one, `UPDATEREDIRECTREF`, has 17; RFC 9112 §3 asks for 501 when a
    /// method is longer than any that is known.
    package static let methodBytesMax = 32
    /// Bytes of `chunk-size`: the 16 hexadecimal digits that fill 64 bits (llhttp: the same).
    package static let chunkSizeDigitsMax = 16
    /// Empty lines before a request line.
    ///
    /// RFC 9112 §2.2 asks for "at least one" to be ignored; more would let a peer keep a connection
    /// busy without asking for anything.
    package static let leadingEmptyLinesMax = 1
    /// Bytes of a head whose memory a connection keeps for its next one; that of a longer head is
    /// given back once it is answered.
    ///
    /// Browsers send one to two KiB, with many cookies more. What arrays grow by, doubling, is kept
    /// as well. nginx keeps 1 KiB.
    package static let keptHeadBytesMax = 4 << 10

    /// Bytes of a request target (414 beyond).
    ///
    /// RFC 9112 §3 recommends at least 8,000 for the whole line; nginx and Apache allow 8 KiB.
    package var targetBytesMax = 8 << 10
    /// Bytes of the field section, its closing empty line included (431 beyond): large cookies fit.
    ///
    /// nginx: 4 × 8 KiB; Node: 16 KiB; h11: 16 KiB; Apache: 100 × 8 KiB.
    package var fieldSectionBytesMax = 32 << 10
    /// Field lines of a request (431 beyond), since each costs an entry.
    ///
    /// Apache: 100; h2o: 100; Node: 2,000.
    package var fieldCountMax = 100
    /// Bytes of one chunk's size line after the digits (413 beyond): extensions are read and
    /// ignored, nobody sends them but attackers.
    ///
    /// Go: 4 KiB a line.
    package var chunkExtensionBytesMax = 1 << 10
    /// Bytes of all chunk extensions of one body (413 beyond), so that tiny chunks with long
    /// extensions cannot make us read much for little (CVE-2023-39326, CVE-2024-22019).
    ///
    /// Node: 16 KiB.
    package var chunkExtensionsTotalBytesMax = 16 << 10
    /// Bytes of the trailer section, its closing empty line included (431 beyond): checksums and
    /// signatures fit.
    ///
    /// Node: 16 KiB together with the head.
    package var trailerSectionBytesMax = 8 << 10
    /// Field lines of the trailer section (431 beyond).
    ///
    /// Nothing that we know of sends more than three.
    package var trailerCountMax = 16

    /// The limits as documented on each property.
    package init() {}

    /// The most bytes of one head that the parser ever keeps.
    var headBytesMax: Int {
        let emptyLines = 2 * Self.leadingEmptyLinesMax
        let requestLine = Self.methodBytesMax + 1 + targetBytesMax + 1 + RequestLineParser.tailBytes
        return emptyLines + requestLine + fieldSectionBytesMax
    }
}
