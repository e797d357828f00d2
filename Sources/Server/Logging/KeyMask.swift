internal import Bytes

/// Keeps keys out of the log that a client puts where they do not belong: into a path, the name of
/// a request, or what should be a method.
extension AccessLog.Record {
    private static let mask = Array("***".utf8)
    /// Bytes of the longest key with each of its bytes escaped.
    private static let escapedKeyBytesMax = 3 * APIKeys.keyBytesMax

    /// Replaces each column that holds a key.
    ///
    /// - Parameter keys: the keys that clients may use.
    mutating func hideKeys(_ keys: APIKeys) {
        // A path that was found is one of ours, or an image's id: it has no room for a key.
        // Only the beginning of a long one is logged, so only there a key would be seen.
        let shown = Array(path.prefix(AccessLog.pathBytesMax + Self.escapedKeyBytesMax))
        if status >= 400 || method.count > 4, keys.isPart(of: shown) { path = Self.mask }
        if keys.isPart(of: requestID) { requestID = Self.mask }
        if keys.isPart(of: method) { method = Self.mask }
    }
}

extension APIKeys {
    /// Tells whether one of these keys stands somewhere in a text, percent-encoded or not.
    ///
    /// The time does not depend on how much of a key stands there: else whoever sends paths could
    /// find a key byte by byte.
    ///
    /// - Parameter text: what a client sent.
    /// - Returns: true when it holds a key.
    /// - Complexity: O(n × bytes of the keys).
    func isPart(of text: [UInt8]) -> Bool {
        guard text.count >= shortestBytes else { return false }
        // A key may itself look like an escape, so that the text as it is counts as well.
        let stands = holds(text)
        guard text.contains(UInt8(ascii: "%")) else { return stands }
        return holds(Self.percentDecoded(text)) || stands
    }

    private func holds(_ text: [UInt8]) -> Bool {
        var matchCount = 0
        forEachKey { key in
            guard key.count <= text.count else { return }
            for start in 0...(text.count - key.count) {
                var difference: UInt8 = 0
                for i in key.indices { difference |= key[i] ^ text[start + i] }
                if difference == 0 { matchCount += 1 }
            }
        }
        return matchCount > 0
    }

    /// Decodes `%41` to `A` (RFC 3986 §2.1); what is no such triple stays.
    private static func percentDecoded(_ text: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var i = 0
        while i < text.count {
            if text[i] == UInt8(ascii: "%"), i + 2 < text.count,
                let high = Hex.value(ofLowerCaseDigit: text[i + 1] | 0x20),
                let low = Hex.value(ofLowerCaseDigit: text[i + 2] | 0x20)
            {
                decoded.append(high << 4 | low)
                i += 3
            } else {
                decoded.append(text[i])
                i += 1
            }
        }
        return decoded
    }
}
