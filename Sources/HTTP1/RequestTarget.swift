internal import Bytes

/// Where the parts of a request target lie (RFC 9112 §3.2).
///
/// Positions are those of the request head; `RequestHead` gives the parts themselves.
package struct RequestTarget: Hashable, Sendable {
    /// The four forms of a target.
    package enum Form: Hashable, Sendable {
        /// A path and an optional query: what nearly every request has.
        case origin
        /// A whole `http` or `https` URI; its authority takes the place of Host.
        case absolute
        /// Host and port, for CONNECT only.
        case authority
        /// `*`, for OPTIONS only.
        case asterisk
    }

    /// Which of the four it is.
    package let form: Form
    /// The whole target.
    @usableFromInline let raw: Range<Int>
    /// From the first slash to the query; empty for `.authority` and `.asterisk`.
    @usableFromInline let path: Range<Int>

    /// Takes a target apart.
    ///
    /// - Parameters:
    ///   - bytes: the request head.
    ///   - range: the target in it: at least one byte, characters checked.
    ///   - method: decides whether `*` and host:port are meant.
    /// - Throws: `HTTPError` `.invalidTarget` (400).
    init(_ bytes: Span<UInt8>, _ range: Range<Int>, method: Method) throws(HTTPError) {
        raw = range
        if method == .connect {
            let authority = Authority.parse(bytes.extracting(range))
            guard let authority, !authority.host.isEmpty, authority.hasPort else {
                throw HTTPError(.invalidTarget, at: range.lowerBound)
            }
            form = .authority
            path = range.upperBound..<range.upperBound
        } else if bytes[range.lowerBound] == UInt8(ascii: "/") {
            form = .origin
            path = Self.path(bytes, range)
        } else if range.count == 1, bytes[range.lowerBound] == UInt8(ascii: "*"),
            method == .options
        {
            form = .asterisk
            path = range.upperBound..<range.upperBound
        } else {
            form = .absolute
            let authority = try Self.authority(bytes, range)
            let path = Self.path(bytes, authority.upperBound..<range.upperBound)
            // RFC 9110 §4.2.3: an empty path is "/". The second slash of "//" lends itself.
            self.path = path.isEmpty ? authority.lowerBound - 1..<authority.lowerBound : path
        }
    }

    /// Stands for a target that was read and not taken apart, because its request was refused.
    ///
    /// - Parameter range: where it lies.
    init(unfinished range: Range<Int>) {
        form = .origin
        raw = range
        path = range
    }

    /// Finds the authority of an absolute URI: from `//` to the path, query or end.
    private static func authority(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HTTPError) -> Range<Int> {
        let target = bytes.extracting(range)
        var start: Int?
        for scheme in ["http://", "https://"]
        where target.count > scheme.utf8.count
            && target.extracting(0..<scheme.utf8.count).equalsIgnoringCase(scheme)
        {
            start = range.lowerBound + scheme.utf8.count
        }
        guard let start else { throw HTTPError(.invalidTarget, at: range.lowerBound) }
        var end = start
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/"),
            bytes[end] != UInt8(ascii: "?")
        {
            end += 1
        }
        // RFC 9110 §4.2.1: an http URI with an empty host is invalid.
        guard let authority = Authority.parse(bytes.extracting(start..<end)),
            !authority.host.isEmpty
        else { throw HTTPError(.invalidTarget, at: start) }
        return start..<end
    }

    /// Cuts the query off: nothing here has one.
    private static func path(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        let mark = bytes.extracting(range).firstIndex(of: UInt8(ascii: "?"))
        return range.lowerBound..<(mark.map { range.lowerBound + $0 } ?? range.upperBound)
    }
}
