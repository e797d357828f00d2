internal import Bytes

/// What of a request's target may stand in a log.
///
/// - Nothing from `?` or `#` on: keys and tokens are sent there by mistake.
/// - Of an upload link its first eight characters, enough to follow it through a log, too few to
///   use it: who reads a log must not thereby be allowed to upload. Looked for wherever it may
///   stand, because a mistyped path may hold a good link.
/// - Of a long path its beginning.
enum LoggedPath {
    /// How much of a link's id is shown: the first group of a UUID.
    private static let shownLinkCharacters = 8
    private static let linkPrefix: [UInt8] = Array("/upload-images/".utf8)
    private static let ellipsis: [UInt8] = Array("...".utf8)

    /// Cuts a target down to what may be logged.
    ///
    /// - Parameter target: the target as the client sent it.
    /// - Returns: at most `AccessLog.pathBytesMax` bytes and an ellipsis, not escaped yet.
    /// - Complexity: O(n).
    static func bytes(of target: Span<UInt8>) -> [UInt8] {
        var end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        end = min(end, target.firstIndex(of: UInt8(ascii: "#")) ?? target.count)
        let isLong = end > AccessLog.pathBytesMax
        let path = target.extracting(0..<min(end, AccessLog.pathBytesMax))
        var shown: [UInt8]
        // The id may be percent-encoded here, so that only its place tells that it is one.
        if let prefix = path.firstIndex(of: linkPrefix) {
            let start = prefix + linkPrefix.count
            shown = path.copy(0..<min(start + shownLinkCharacters, path.count))
            if shown.count < path.count { return shown + ellipsis }
        } else {
            shown = withoutLinks(path)
        }
        return isLong ? shown + ellipsis : shown
    }

    /// Cuts every run of hexadecimal digits and dashes that is longer than a UUID's first group and
    /// has a dash.
    ///
    /// Image ids have none, so they stay whole.
    private static func withoutLinks(_ path: Span<UInt8>) -> [UInt8] {
        var shown: [UInt8] = []
        shown.reserveCapacity(path.count)
        var start = 0
        while start < path.count {
            var end = start
            var hasDash = false
            while end < path.count, isLinkByte(path[end]) {
                if path[end] == UInt8(ascii: "-") { hasDash = true }
                end += 1
            }
            if end == start {
                shown.append(path[start])
                start += 1
                continue
            }
            let isLink = hasDash && end - start > shownLinkCharacters
            shown.append(path.extracting(start..<(isLink ? start + shownLinkCharacters : end)))
            if isLink { shown += ellipsis }
            start = end
        }
        return shown
    }

    private static func isLinkByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
